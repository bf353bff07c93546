"""The overlay of segmented pictures: colours of classes, ids at large parts, a legend of what occurs."""

import numpy as np
import pytest
from PIL import Image

from bench.report.pictures.colours import class_colours, instance_colour
from bench.report.pictures.overlay import save_overlay
from bench.types import Instance

CLASSES = ("person", "car", "bus")
IMAGE = np.full((60, 200, 3), 40, np.uint8)


def box(top, bottom, left, right):
    mask = np.zeros(IMAGE.shape[:2], bool)
    mask[top:bottom, left:right] = True
    return mask


@pytest.fixture
def overlay(tmp_path):
    """A function that writes the overlay of instances, and reads it again as int (H, W, 3)."""

    def read(instances, class_names=CLASSES):
        save_overlay(IMAGE, instances, class_names, tmp_path / "overlay.png")
        with Image.open(tmp_path / "overlay.png") as picture:
            return np.asarray(picture).astype(int)

    return read


def half(colour):
    """A colour painted over the image."""
    return (np.array(colour) + 40) // 2


def has_id(picture, mask):
    """Whether light letters are in the interior of a mask, within its white outline."""
    rows, columns = (axis[2:-2] for axis in map(np.unique, np.nonzero(mask)))
    return bool((picture[np.ix_(rows, columns)].min(axis=2) > 150).any())


def test_objects_have_the_colours_of_their_classes(overlay):
    car, person = box(0, 10, 0, 200), box(30, 50, 100, 140)
    picture = overlay([Instance(car, "car", 0.5), Instance(person, "person", 0.5)])
    colours = class_colours(CLASSES)
    np.testing.assert_array_equal(picture[5, 5], half(colours["car"]))
    np.testing.assert_array_equal(picture[33, 104], half(colours["person"]))
    np.testing.assert_array_equal(picture[20:30, :100], IMAGE[20:30, :100])


def test_the_legend_has_the_classes_that_occur_alone(overlay):
    picture = overlay([Instance(box(0, 20, 0, 90), "car", 0.5)])
    strip = picture[60:]
    present = {
        name for name, colour in class_colours(CLASSES).items() if (strip == colour).all(-1).any()
    }
    assert present == {"car"}


def test_each_large_part_of_an_object_has_its_id(overlay):
    parts = box(5, 25, 5, 45), box(30, 50, 60, 120), box(55, 59, 5, 60)
    picture = overlay([Instance(np.logical_or.reduce(parts), "car", 0.5)])
    assert [has_id(picture, part) for part in parts] == [True, True, False]


def test_objects_of_the_only_class_differ_in_colour_and_need_no_legend(overlay):
    one, other = box(0, 20, 0, 60), box(0, 20, 60, 120)
    picture = overlay([Instance(one, "cell", 0.5), Instance(other, "cell", 0.5)], ["cell"])
    assert picture.shape == IMAGE.shape
    np.testing.assert_array_equal(picture[5, 5], half(instance_colour(1)))
    np.testing.assert_array_equal(picture[5, 65], half(instance_colour(2)))


def test_an_object_of_several_classes_has_the_colour_of_the_first(overlay):
    mask = box(0, 20, 0, 60)
    picture = overlay([Instance(mask, "bus", 0.6), Instance(mask, "car", 0.4)])
    np.testing.assert_array_equal(picture[5, 5], half(class_colours(CLASSES)["bus"]))


def test_without_objects_the_overlay_is_the_image(overlay):
    np.testing.assert_array_equal(overlay([]), IMAGE)
