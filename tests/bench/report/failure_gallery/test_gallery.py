"""The failure gallery, drawn with one image in memory at a time."""

import weakref

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bench.report.failure_gallery.failures import find_failures, worst_failures_of_each_kind
from bench.report.failure_gallery.gallery import describe_failure, draw_failures
from bench.report.failure_gallery.object_labels import (
    object_texts,
    prediction_texts,
    write_object_labels,
)
from bench.report.failure_gallery.panels import window_around_box
from bench.types import Instance, Sample, label_map

SIZE = (60, 100)
OFFSETS = [(d * dy, d * dx) for d in (1, 8) for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1))]


def sample_of(name) -> Sample:
    objects = np.zeros(SIZE, np.int32)
    objects[5:25, 5:25], objects[5:25, 25:50], objects[30:55, 10:60] = 1, 2, 3
    objects[30:50, 70:90] = 4
    image = np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)
    return Sample(name, image, np.uint8(objects > 0), objects)


def found() -> list[Instance]:
    windows = [np.s_[5:25, 5:50], np.s_[30:55, 10:30], np.s_[30:55, 33:60]]
    masks = np.zeros((len(windows), *SIZE), bool)
    for mask, window in zip(masks, windows, strict=True):
        mask[window] = True
    return [Instance(mask, "car", 0.9) for mask in masks]


def load(name):
    return sample_of(name), found(), np.full((len(OFFSETS), *SIZE), 0.25, np.float32)


def worst(*names):
    return worst_failures_of_each_kind(
        (each for n in names for each in find_failures(n, sample_of(n).instances, found())), 2
    )


def size_of(path) -> tuple[int, int]:
    with Image.open(path) as picture:
        picture.load()
        assert picture.format == "PNG"
        return picture.size


def test_the_gallery_loads_each_image_once_and_has_all_failures(tmp_path):
    failures, asked = worst("a", "b"), []
    assert len(failures) == 6

    def counting(name):
        asked.append(name)
        return load(name)

    heights = []
    for count in (1, 2, 6):
        marks = {1: 0.8, 8: 0.2}
        draw_failures(tmp_path / "new" / "a.png", failures[:count], counting, OFFSETS, marks, 900)
        width, height = size_of(tmp_path / "new" / "a.png")
        assert width == 900
        heights.append(height)
    assert heights[2] - heights[1] == 4 * (heights[1] - heights[0]) > 0
    assert asked == ["a", "a", "b", "a", "b"]


def test_one_map_at_a_time_is_in_memory(tmp_path):
    alive = []

    def watching(name):
        assert not [each for each in alive if each() is not None]
        sample, instances, affinity = load(name)
        alive.append(weakref.ref(affinity))
        return sample, instances, affinity

    draw_failures(tmp_path / "a.png", worst("a", "b", "c"), watching, OFFSETS)
    assert len(alive) == 2


def test_failures_are_described_in_words():
    sample = sample_of("a")
    failures = find_failures("a", sample.instances, found())
    labels = label_map(found(), SIZE)
    assert [describe_failure(failure, sample, labels) for failure in failures] == [
        "missed: an object of 400 px, nothing there",
        "wrongly joined: 2 objects in one, 400 px wrong",
        "wrongly split: one in 2, 500 px wrong",
    ]


@pytest.mark.parametrize(
    "box", [np.s_[0:5, 0:5], np.s_[100:140, 3:300], np.s_[0:256, 500:512], np.s_[0:256, 0:512]]
)
def test_the_window_holds_the_box_and_stays_in_the_image(box):
    window = window_around_box(box, (256, 512))
    for inner, outer, length in zip(box, window, (256, 512), strict=True):
        assert 0 <= outer.start <= inner.start < inner.stop <= outer.stop <= length


def test_no_failure_and_unequal_sizes_are_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one failure"):
        draw_failures(tmp_path / "a.png", [], load, OFFSETS)

    def small(name):
        sample, instances, affinity = load(name)
        return sample, instances, affinity[:, :30]

    with pytest.raises(ValueError, match=r"a: the affinity map has size \(30, 100\)"):
        draw_failures(tmp_path / "a.png", worst("a"), small, OFFSETS)
    with pytest.raises(ValueError, match="a: 8 affinity channels do not fit 7 offsets"):
        draw_failures(tmp_path / "a.png", worst("a"), load, OFFSETS[:-1])
    assert not list(tmp_path.iterdir())


def test_objects_have_their_class_and_predictions_a_score():
    sample = sample_of("a")
    missed, joined, _ = find_failures("a", sample.instances, found())
    assert object_texts(missed, sample, ("car", "bus")) == {4: "car"}
    assert prediction_texts(missed, found()) == {}
    assert object_texts(joined, sample, ("car", "bus")) == {1: "car", 2: "car"}
    assert prediction_texts(joined, found()) == {1: "car 0.90"}
    assert object_texts(joined, sample, None) == {}


@pytest.mark.parametrize("corner", [(0, 0), (60, 40)])
def test_the_text_of_an_object_stands_in_its_panel(corner):
    picture = Image.new("RGB", (200, 140))
    numbers = np.zeros((60, 100), np.int32)
    numbers[:3, :3] = 7
    write_object_labels(ImageDraw.Draw(picture), corner, numbers, {7: "bicycle 0.50", 8: "car"})
    rows, columns = np.nonzero(np.asarray(picture).any(axis=-1))
    assert len(rows)
    assert corner[0] <= columns.min() and columns.max() < corner[0] + 100
    assert corner[1] <= rows.min() and rows.max() < corner[1] + 60


def test_texts_of_neighbouring_objects_do_not_cover_each_other():
    """Three objects lie beside each other in the same rows; their texts are wider than they are."""
    numbers = np.zeros((60, 100), np.int32)
    texts = {1: "bicycle", 2: "rider", 3: "bicycle"}
    for number in texts:
        numbers[20:40, 36 + 6 * number : 40 + 6 * number] = number

    def ink(wanted):
        picture = Image.new("RGB", (100, 60))
        write_object_labels(ImageDraw.Draw(picture), (0, 0), numbers, wanted)
        return np.count_nonzero(np.asarray(picture).any(axis=-1))

    assert ink(texts) == sum(ink({number: text}) for number, text in texts.items())
