"""The pictures in the report of a study."""

from types import SimpleNamespace

import numpy as np
import pytest

from bench.pipeline.regions import whole_image_region
from bench.pipeline.view import View
from bench.report.pages import study_pictures
from bench.types import Sample


class WholeImages:
    """A pipeline whose networks see images at their original size."""

    config = SimpleNamespace(
        graph_offsets=np.array([(0, 1)]), stage_thresholds=[0.5], stage_distances=[(1,)]
    )

    def replace(self, **_):
        return self

    def whole_image_view(self, size):
        return View(whole_image_region(size).box, size)


@pytest.mark.parametrize(("least_object_pixels", "shown"), [(9, [9]), (10, [])])
def test_the_gallery_counts_objects_as_the_data_set_does(monkeypatch, least_object_pixels, shown):
    instances = np.zeros((20, 20), np.int32)
    instances[4:7, 4:7] = 1
    sample = Sample(
        "a", np.zeros((20, 20, 3), np.uint8), (instances > 0).astype(np.uint8), instances
    )
    dataset = SimpleNamespace(
        load=lambda split, name: sample,
        least_object_pixels=least_object_pixels,
        class_names=("car",),
    )
    drawn = []
    monkeypatch.setattr(
        study_pictures, "draw_failures", lambda path, failures, *_, **__: drawn.extend(failures)
    )
    results = [SimpleNamespace(image="a", instances=[])]
    study_pictures.draw_worst_failures(
        "unused.png", results, WholeImages(), dataset, "val", count=2
    )
    assert [failure.pixels for failure in drawn] == shown
