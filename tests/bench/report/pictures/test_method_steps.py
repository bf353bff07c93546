"""The pictures of the steps of the method: all are drawn, and each stage continues the stage before."""

import numpy as np
import pytest
from PIL import Image

from bench.cache import AffinityCache
from bench.pipeline.segment import Pipeline
from bench.report.pictures.colours import class_colours
from bench.report.pictures.method_steps import draw_method_steps, segments_after_stage
from models.model_config import MergeConfig

STAGES = ((1, 2), (4,), (8,))


@pytest.fixture(scope="module")
def pipeline(random_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    numbers = MergeConfig((0.85, 0.75, 0.7), min_object_pixels=20)
    model = random_model(folder / "model", stages=STAGES, merge={"average": numbers})
    return Pipeline(model, AffinityCache(folder / "cache"))


@pytest.fixture(scope="module")
def image(street):
    return street.image("val", street.names("val")[0])


def partition(labels):
    """The labels with numbers in the order of their first pixels; 0 stays 0."""
    values, first, dense = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(values), int)
    rank[np.argsort(np.where(values == 0, -1, first))] = np.arange(len(values))
    return rank[dense].reshape(labels.shape)


def test_stages_grow_into_the_segments_of_the_merge(pipeline, image):
    (region,) = pipeline.segment(pipeline.predictor(image)).regions
    stages = [segments_after_stage(region, stage) for stage in range(3)]
    for labels in stages:
        assert ((labels == 0) == ~region.graph.mask).all()
    for finer, coarser in zip(stages, stages[1:], strict=False):
        pairs = np.unique(np.stack([finer.ravel(), coarser.ravel()]), axis=1)
        assert len(pairs[0]) == len(np.unique(finer)) >= len(np.unique(coarser))
    assert (partition(stages[-1]) == partition(region.merge.labels)).all()


def test_every_step_is_drawn_at_the_size_of_the_image(pipeline, image, tmp_path):
    overview, *files = draw_method_steps(tmp_path, image, pipeline)
    assert overview.name == "method.png"
    assert {path.stem for path in files} >= {"classes", "refined", "stage-3", "objects"}
    for path in files:
        with Image.open(path) as picture:
            legend = path.stem in ("classes", "regions")
            assert picture.height > len(image) if legend else picture.height == len(image)
            assert picture.width >= image.shape[1] if legend else picture.width == image.shape[1]


def named_classes(strip, colours):
    """The names of the colours that have a swatch in a strip (h, w, 3) of a picture of few colours."""
    far = {name: np.abs(strip - np.array(colour)).max(axis=2) for name, colour in colours.items()}
    return {name for name, each in far.items() if (each <= 8).sum() > 100}


def test_the_legend_names_the_classes_that_are_predicted(pipeline, image, tmp_path):
    """It is below the classes, and below the first row of the overview, which is 184 pixels high."""
    draw_method_steps(tmp_path, image, pipeline)
    (region,) = pipeline.segment(pipeline.predictor(image)).regions
    numbers = np.unique(region.prediction.at_original_size().semantic.argmax(axis=0))
    colours = class_colours(pipeline.model.classes)
    predicted = {name for number, name in enumerate(colours, 1) if number in numbers}
    assert 0 < len(predicted)
    for name, rows in ("classes", np.s_[len(image) :]), ("method", np.s_[184:214]):
        with Image.open(tmp_path / f"{name}.png") as picture:
            strip = np.asarray(picture.convert("RGB"), dtype=int)[rows]
        assert named_classes(strip, colours) == predicted, name


def test_each_box_of_regions_has_the_colour_of_its_classes(pipeline, image, tmp_path):
    draw_method_steps(tmp_path, image, pipeline)
    found = pipeline.replace(roi=True, block=max(1, image.shape[1] // 64), scp=True)
    regions = found.find_regions(found.predictor(image))
    colours = class_colours(pipeline.model.classes)
    firsts = {pipeline.model.super_classes[region.super_class - 1][0] for region in regions}
    assert firsts
    with Image.open(tmp_path / "regions.png") as picture:
        pixels = np.asarray(picture.convert("RGB"), dtype=int)
    assert named_classes(pixels[len(image) :], colours) == firsts
    last = regions[-1]
    outline = pixels[last.box.top, last.box.left : last.box.right]
    expected = colours[pipeline.model.super_classes[last.super_class - 1][0]]
    assert (np.abs(outline - np.array(expected)).max(axis=1) <= 8).all()
