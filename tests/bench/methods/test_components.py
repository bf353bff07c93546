"""Connected components of a semantic map."""

import numpy as np
import pytest

from bench.methods.components import connected_components
from bench.types import VOID_CLASS

NAMES = ["person", "car"]


def semantic(rows: list[str]) -> np.ndarray:
    values = {".": 0, "p": 1, "c": 2, "v": VOID_CLASS}
    return np.array([[values[letter] for letter in row] for row in rows], dtype=np.uint8)


def test_diagonal_neighbours_are_connected_different_classes_are_not():
    found = connected_components(semantic(["p.c", ".pc", "v.."]), NAMES, min_object_pixels=0)
    assert [(each.class_name, each.mask.sum()) for each in found] == [("person", 2), ("car", 2)]
    assert all(each.confidence == 1 and each.mask.dtype == bool for each in found)


def test_components_have_more_than_min_object_pixels():
    picture = semantic(["pp.ppp", "......", "pppp.."])
    sizes = [each.mask.sum() for each in connected_components(picture, NAMES, min_object_pixels=2)]
    assert sizes == [3, 4]


def test_the_score_is_the_mean_confidence_inside():
    confidence = np.array([[0.25, 0.75, 0.1]])
    [found] = connected_components(semantic(["pp."]), NAMES, 0, confidence)
    assert found.confidence == 0.5


def test_components_cover_the_foreground_once():
    picture = np.random.default_rng(0).integers(0, 3, (40, 60), dtype=np.uint8)
    found = connected_components(picture, NAMES, min_object_pixels=0)
    assert np.array_equal(sum(each.mask.astype(int) for each in found), (picture > 0).astype(int))


def test_confidence_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="confidence has shape"):
        connected_components(semantic(["pp."]), NAMES, 0, np.ones((2, 2)))
