"""Boxes of an image: what they cut out, and the densest of a size."""

import numpy as np
import pytest

from bench.regions import Region, densest_crop, whole_image


def test_a_region_cuts_out_its_rows_and_columns():
    picture = np.arange(30).reshape(5, 6)
    region = Region(1, 2, 4, 6)
    assert region.size == (3, 4)
    assert np.array_equal(picture[region.window], picture[1:4, 2:6])
    assert str(region) == "1:4,2:6"


def test_the_whole_image_is_one_region():
    (region,) = whole_image((5, 6))
    assert np.arange(30).reshape(5, 6)[region.window].size == 30


@pytest.mark.parametrize("seed", range(4))
def test_the_densest_crop_has_most_foreground_and_is_the_first_of_equals(seed):
    foreground = np.random.default_rng(seed).random((6, 9)) < 0.3
    rows, columns = 2, 4
    counts = {
        (top, left): int(foreground[top : top + rows, left : left + columns].sum())
        for top in range(6 - rows + 1)
        for left in range(9 - columns + 1)
    }
    region = densest_crop(foreground, (rows, columns))
    assert region.size == (rows, columns)
    assert (region.top, region.left) == max(counts, key=counts.get)


@pytest.mark.parametrize("size", [(6, 9), (7, 9), (100, 100)])
def test_a_crop_as_large_as_the_image_is_the_image(size):
    assert densest_crop(np.ones((6, 9), bool), size) == Region(0, 0, 6, 9)
