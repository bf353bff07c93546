"""The areas that are chosen as patches, on annotations whose patches are known."""

import numpy as np
import pytest

from bench.training.patches.choose_patches import ENLARGEMENTS, patches_of_image

CROP = 48
ROAD, SKY = 7, 23
NAMES = [f"town/town_{number:06d}_000019" for number in range(1000)]


def street(**boxes):
    """instanceIds of 80x160 pixels: sky, road, and boxes (top, left, height, width) of objects."""
    ids = np.full((80, 160), ROAD, np.int32)
    ids[:30] = SKY
    values = {"car": 26000, "person": 24000, "bus": 28000, "trucks": 27, "tram": 31000}
    for name, (top, left, height, width) in boxes.items():
        ids[top : top + height, left : left + width] = values[name]
    return ids


def windows(set_name, ids, name=NAMES[0], crop=CROP):
    return [patch.window for patch in patches_of_image(set_name, name, ids, crop, seed=1)]


@pytest.mark.parametrize("set_name", ["fine-images", "coarse-images"])
def test_whole_images_are_one_patch(set_name):
    assert windows(set_name, street()) == [(0, 0, 80, 160)]


def test_nine_in_ten_originals_lose_the_rows_without_objects():
    ids = street(car=(20, 10, 30, 40), person=(40, 100, 35, 10))
    chosen = [windows("originals", ids, name) for name in NAMES]
    assert {tuple(each) for each in chosen} == {((20, 0, 55, 160),), ((0, 0, 80, 160),)}
    assert 0.87 <= sum(each == [(20, 0, 55, 160)] for each in chosen) / len(NAMES) <= 0.93


@pytest.mark.parametrize(
    ("box", "rows"),
    [((30, 0, 10, 20), (11, 48)), ((0, 0, 5, 9), (0, 48)), ((75, 0, 5, 9), (32, 48))],
)
def test_an_original_keeps_the_rows_of_a_crop(box, rows):
    found = {windows("originals", street(car=box), name)[0] for name in NAMES[:40]}
    assert found == {(rows[0], 0, rows[1], 160), (0, 0, 80, 160)}


def test_an_original_without_objects_stays_whole():
    assert {windows("originals", street(), name)[0] for name in NAMES[:40]} == {(0, 0, 80, 160)}


def test_an_enlarged_area_holds_its_object_and_fills_a_crop():
    """The car, 20 pixels wide, fits the sides 32, 24 and 16 pixels large only in two cases."""
    ids = street(car=(40, 60, 10, 20))
    patches = patches_of_image("enlarged", NAMES[0], ids, CROP, seed=1)
    assert [patch.scale for patch in patches] == [1.5, 2.0]
    for patch in patches:
        top, left, height, width = patch.window
        assert height == width == round(CROP / patch.scale)
        assert top <= 40 and top + height >= 50 and left <= 60 and left + width >= 80


def test_an_image_has_at_most_one_enlarged_area_for_each_factor():
    ids = street(car=(40, 60, 10, 12), person=(40, 20, 12, 10), tram=(40, 100, 11, 11))
    for name in NAMES[:20]:
        patches = patches_of_image("enlarged", name, ids, CROP, seed=1)
        assert [patch.scale for patch in patches] == list(ENLARGEMENTS)
    lefts = {windows("enlarged", ids, name)[0][1] for name in NAMES[:40]}
    assert len(lefts) == 3


def test_tiny_objects_have_no_enlarged_area():
    assert windows("enlarged", street(person=(40, 60, 9, 10))) == []


def test_coarse_patches_are_cut_around_trucks_buses_and_trains_alone():
    assert windows("coarse-patches", street(car=(40, 60, 30, 30), person=(20, 0, 30, 20))) == []
    found = windows("coarse-patches", street(bus=(30, 50, 20, 20), car=(10, 0, 60, 40)))
    assert found == [(16, 36, 48, 48)]
    assert windows("coarse-patches", street(tram=(40, 0, 20, 100))) == [(26, 0, 48, 100)]


def test_a_group_of_trucks_counts_and_the_largest_object_is_taken():
    ids = street(trucks=(30, 100, 40, 60), bus=(40, 0, 20, 20))
    assert windows("coarse-patches", ids) == [(26, 100, 48, 60)]


def test_the_choice_depends_on_seed_and_name_alone():
    ids = street(car=(40, 60, 10, 12), person=(40, 20, 12, 10), tram=(40, 100, 11, 11))

    def choose(seed):
        return [patches_of_image("enlarged", name, ids, CROP, seed) for name in NAMES[:30]]

    assert choose(1) == choose(1)
    assert choose(1) != choose(2)


def test_a_small_image_has_areas_within_it():
    ids = street(car=(10, 10, 20, 30), bus=(5, 20, 12, 12))[:40, :50]
    for set_name in ("originals", "enlarged", "coarse-patches"):
        for top, left, height, width in windows(set_name, ids, crop=96):
            assert 0 <= top and top + height <= 40 and 0 <= left and left + width <= 50
            assert height > 0 and width > 0
