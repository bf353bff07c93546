"""The affinity explorer: each number belongs to the right pair of pixels."""

import numpy as np
import pytest
from PIL import Image

from bench.report.pictures.affinity_explorer import (
    annotated_and_predicted_affinities,
    draw_pixel_affinities,
)

NEIGHBOURS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
OFFSETS = [(d * dy, d * dx) for d in (1, 2, 4) for dy, dx in NEIGHBOURS[4:]]
SHAPE = (12, 14)


def maps(seed=0):
    random = np.random.default_rng(seed)
    return random.integers(-1, 3, SHAPE), random.random((len(OFFSETS), *SHAPE), np.float32)


@pytest.mark.parametrize("pixel", [(6, 7), (0, 0), (11, 3)])
def test_every_neighbour_has_its_own_pairs_value_and_label(pixel):
    instances, affinity = maps()
    frame = annotated_and_predicted_affinities(instances, affinity, OFFSETS, pixel)
    wanted = [(d * dy, d * dx, d) for d in (1, 2, 4) for dy, dx in NEIGHBOURS]
    assert list(frame[["dy", "dx", "distance"]].itertuples(index=False, name=None)) == wanted
    for row in frame.itertuples():
        there = (pixel[0] + row.dy, pixel[1] + row.dx)
        if not all(0 <= place < length for place, length in zip(there, SHAPE, strict=True)):
            assert np.isnan(row.label) and np.isnan(row.predicted)
            continue
        first, second = min(pixel, there), max(pixel, there)
        channel = OFFSETS.index((second[0] - first[0], second[1] - first[1]))
        assert row.predicted == affinity[channel][first]
        ends = {instances[pixel], instances[there]}
        if -1 in ends or ends == {0}:
            assert np.isnan(row.label)
        else:
            assert row.label == (len(ends) == 1)


def test_both_ends_of_a_pair_have_the_same_value():
    instances, affinity = maps(1)
    here = annotated_and_predicted_affinities(instances, affinity, OFFSETS, (5, 5)).set_index(
        ["dy", "dx"]
    )
    there = annotated_and_predicted_affinities(instances, affinity, OFFSETS, (7, 3)).set_index(
        ["dy", "dx"]
    )
    assert here.loc[(2, -2), "predicted"] == there.loc[(-2, 2), "predicted"]


def test_maps_and_pixels_that_do_not_fit_are_refused():
    instances, affinity = maps()
    with pytest.raises(ValueError, match=r"pixel \(12, 0\) is outside the image of 12 rows"):
        annotated_and_predicted_affinities(instances, affinity, OFFSETS, (12, 0))
    with pytest.raises(ValueError, match="do not fit 12 offsets"):
        annotated_and_predicted_affinities(instances, affinity[1:], OFFSETS, (0, 0))


@pytest.mark.parametrize("pixel", [(6, 7), (0, 0)])
def test_the_picture_has_the_stated_size(tmp_path, pixel):
    instances, affinity = maps()
    image = np.zeros((*SHAPE, 3), np.uint8)
    draw_pixel_affinities(tmp_path / "new" / "a.png", image, instances, affinity, OFFSETS, pixel)
    with Image.open(tmp_path / "new" / "a.png") as picture:
        picture.load()
        assert (picture.format, picture.size) == ("PNG", (1600, 560))


def test_an_offset_in_none_of_the_eight_directions_is_refused(tmp_path):
    instances, affinity = maps()
    offsets = [*OFFSETS[:-1], (1, 2)]
    image = np.zeros((*SHAPE, 3), np.uint8)
    with pytest.raises(ValueError, match=r"offset \(-1, -2\) points in none of the 8 directions"):
        draw_pixel_affinities(tmp_path / "a.png", image, instances, affinity, offsets, (5, 5))
    assert not list(tmp_path.iterdir())
