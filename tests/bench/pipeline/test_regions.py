"""Boxes of an image, and views of them: which pixels the networks get."""

import numpy as np
import pytest

from bench.pipeline.regions import whole_image_region
from bench.pipeline.resizing import enlarged_size, resize_bilinear, resize_nearest
from bench.pipeline.view import Box


def test_a_box_slices_its_rows_and_columns():
    picture = np.arange(30).reshape(5, 6)
    box = Box(1, 2, 4, 6)
    assert box.size == (3, 4)
    assert np.array_equal(picture[box.slices], picture[1:4, 2:6])
    assert str(box) == "1:4,2:6"


def test_the_whole_image_is_one_region():
    region = whole_image_region((5, 6))
    assert np.arange(30).reshape(5, 6)[region.box.slices].size == 30 == region.pixels.sum()


@pytest.mark.parametrize(
    ("size", "height", "expected"),
    [
        ((256, 300), 512, (512, 600)),
        ((512, 100), 512, (512, 100)),
        ((600, 100), 512, (600, 100)),
        ((100, 50), 513, (400, 200)),  # the factor is at most 4 (section 4.3)
        ((360, 361), 512, (512, 513)),
        ((36, 68), 0, (36, 68)),
    ],
)
def test_low_regions_are_enlarged_by_at_most_four(size, height, expected):
    assert enlarged_size(size, height, max_factor=4) == expected


def test_labels_survive_enlarging_and_shrinking():
    labels = np.random.default_rng(0).integers(0, 9, (3, 7, 11))
    for size in [(7, 11), (14, 22), (10, 16), (28, 44)]:
        larger = resize_nearest(labels, size)
        assert larger.shape == (3, *size)
        assert np.array_equal(resize_nearest(larger, (7, 11)), labels)


def test_enlarging_preserves_the_content():
    picture = np.zeros((8, 12, 3), np.uint8)
    picture[:, 6:] = 200, 100, 50
    larger = resize_bilinear(picture, (16, 24))
    assert larger.shape == (16, 24, 3) and larger.dtype == np.uint8
    assert (larger[:, 14:] == (200, 100, 50)).all() and not larger[:, :10].any()
    assert resize_bilinear(picture, (8, 12)) is picture
