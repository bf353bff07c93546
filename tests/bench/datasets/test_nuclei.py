"""Real micrographs, if they are present beside the clone, are read like any folder of images."""

from pathlib import Path

import numpy as np
import pytest

from bench.datasets import open_dataset

NUCLEI = Path(__file__).parents[4] / "shared" / "data" / "nuclei"

pytestmark = pytest.mark.skipif(
    not NUCLEI.is_dir(), reason="real micrographs are not beside the clone (../shared/data/nuclei)"
)


@pytest.mark.parametrize(("split", "images"), [("train", 360), ("val", 109)])
def test_every_micrograph_has_a_label_map(split, images):
    assert len(open_dataset("folder", NUCLEI).names(split)) == images


def test_micrographs_are_grey_or_colour_of_any_size_with_objects():
    dataset = open_dataset("folder", NUCLEI)
    names = dataset.names("val")[:12]
    samples = [dataset.load("val", name) for name in names]
    assert len({sample.semantic.shape for sample in samples}) > 1
    for name, sample in zip(names, samples, strict=True):
        assert sample.image.shape == (*sample.semantic.shape, 3)
        assert sample.instances.max() > 0
        np.testing.assert_array_equal(sample.semantic > 0, sample.instances > 0)
        assert len(dataset.annotation("val", name).classes) == sample.instances.max()


def test_the_tuning_fold_is_a_fifth_of_the_images():
    dataset = open_dataset("folder", NUCLEI)
    names = dataset.names("train")
    assert 0.15 < len(dataset.tuning_image_names(names)) / len(names) < 0.25
