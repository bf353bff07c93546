"""Wrong arguments raise a one-line error that names the argument and its first wrong entry."""

import re
from dataclasses import replace

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from tests.merge_impls.example_arguments import EDGES, GRID


def with_value(array, index, value):
    changed = np.array(array)
    changed[index] = value
    return changed


GRID_MISTAKES = {
    "NaN": (
        {"affinities": with_value(GRID["affinities"], (1, 0, 2), np.nan)},
        ValueError,
        r"affinities\[1, 0, 2\] is nan",
    ),
    "infinity": (
        {"affinities": with_value(GRID["affinities"], (0, 2, 3), np.inf)},
        ValueError,
        r"affinities\[0, 2, 3\] is inf",
    ),
    "above one": (
        {"affinities": with_value(GRID["affinities"], (0, 0, 1), 1.5)},
        ValueError,
        r"affinities\[0, 0, 1\] is 1.5",
    ),
    "below zero": (
        {"affinities": with_value(GRID["affinities"], (1, 2, 3), -0.25)},
        ValueError,
        r"affinities\[1, 2, 3\] is -0.25",
    ),
    "affinities of uint8": (
        {"affinities": np.zeros((2, 3, 4), np.uint8)},
        TypeError,
        "affinities .* uint8",
    ),
    "affinities of int64": (
        {"affinities": np.zeros((2, 3, 4), int)},
        TypeError,
        "affinities .* int64",
    ),
    "bool affinities": ({"affinities": np.zeros((2, 3, 4), bool)}, TypeError, "affinities .* bool"),
    "complex affinities": (
        {"affinities": np.zeros((2, 3, 4), complex)},
        TypeError,
        "affinities .* complex128",
    ),
    "ragged affinities": ({"affinities": [[0.5], [0.5, 0.5]]}, ValueError, "affinities is ragged"),
    "a line is no grid": ({"affinities": np.zeros((2, 3))}, ValueError, "affinities .*2-D or 3-D"),
    "four dimensions": (
        {"affinities": np.zeros((2, 1, 1, 1, 1))},
        ValueError,
        "affinities .*2-D or 3-D",
    ),
    "empty grid": ({"affinities": np.zeros((2, 0, 4))}, ValueError, "affinities .*empty grid"),
    "too few offsets": ({"offsets": [(0, 1)]}, ValueError, r"offsets .*\(2, 2\).*\(1, 2\)"),
    "offsets of another dimension": ({"offsets": [(0, 0, 1), (0, 1, 0)]}, ValueError, "offsets"),
    "ragged offsets": ({"offsets": [(0, 1), (1,)]}, ValueError, "offsets must have shape"),
    "float offsets": ({"offsets": [(0.0, 1.0), (1.0, 0.0)]}, TypeError, "offsets .*float64"),
    "huge offset": (
        {"offsets": np.array([(0, 1), (2**63, 0)], np.uint64)},
        ValueError,
        r"offsets\[1, 0\] is 9223372036854775808",
    ),
    "negative offset": ({"offsets": [(0, 1), (-1, 1)]}, ValueError, r"offsets\[1\] is \(-1, 1\)"),
    "zero offset": ({"offsets": [(0, 0), (1, 1)]}, ValueError, r"offsets\[0\] is \(0, 0\)"),
    "repeated offset": (
        {"offsets": [(1, 1), (1, 1)]},
        ValueError,
        r"offsets\[1\] is \(1, 1\), the same as offsets\[0\]",
    ),
    "too few stages": ({"stages": [0]}, ValueError, r"stages .*\(2,\).*\(1,\)"),
    "stage beyond thresholds": (
        {"stages": [0, 2]},
        ValueError,
        r"stages\[1\] is 2; stages are 0..1",
    ),
    "negative stage": ({"stages": [-1, 0]}, ValueError, r"stages\[0\] is -1"),
    "float stages": ({"stages": [0.0, 1.0]}, TypeError, "stages .*float64"),
    "no thresholds": ({"thresholds": []}, ValueError, "thresholds is empty"),
    "one number for thresholds": ({"thresholds": 0.5}, ValueError, "thresholds must have shape"),
    "threshold above one": ({"thresholds": [0.5, 1.01]}, ValueError, r"thresholds\[1\] is 1.01"),
    "NaN threshold": ({"thresholds": [np.nan, 0.5]}, ValueError, r"thresholds\[0\] is nan"),
    "thresholds of text": ({"thresholds": ["0.5", "0.5"]}, TypeError, "thresholds"),
    "mask of numbers": (
        {"mask": np.ones((3, 4), np.uint8)},
        TypeError,
        "mask must be bool; got uint8",
    ),
    "mask of another shape": ({"mask": np.ones((4, 3), bool)}, ValueError, r"mask .*\(3, 4\)"),
    "unknown linkage": (
        {"linkage": "median"},
        ValueError,
        "linkage is 'median'; known are 'average'",
    ),
    "linkage None": ({"linkage": None}, ValueError, "linkage is None"),
}

EDGE_MISTAKES = {
    "vertex out of range": ({"edges": [(0, 1), (1, 3)]}, ValueError, r"edges\[1, 1\] is 3; .*0..2"),
    "negative vertex": ({"edges": [(0, -1), (1, 2)]}, ValueError, r"edges\[0, 1\] is -1"),
    "self-loop": ({"edges": [(0, 1), (2, 2)]}, ValueError, r"edges\[1\] is \[2 2\]; .*itself"),
    "three ends": ({"edges": [(0, 1, 2), (0, 1, 2)]}, ValueError, r"edges .*\(2, 2\)"),
    "float edges": ({"edges": [(0.0, 1.0), (1.0, 2.0)]}, TypeError, "edges .*float64"),
    "too few edges": ({"edges": [(0, 1)]}, ValueError, r"edges .*\(2, 2\).*\(1, 2\)"),
    "affinities in two dimensions": ({"affinities": [[0.5, 1.0]]}, ValueError, "affinities"),
    "NaN": ({"affinities": [np.nan, 1.0]}, ValueError, r"affinities\[0\] is nan"),
    "no vertices": ({"num_vertices": 0}, ValueError, "num_vertices gives 0 vertices"),
    "negative count": ({"num_vertices": -3}, ValueError, "num_vertices"),
    "more vertices than labels": ({"num_vertices": 2**31}, ValueError, "num_vertices .*int32"),
    "half a vertex": ({"num_vertices": 2.5}, TypeError, "num_vertices must be an integer; got 2.5"),
    "stage beyond thresholds": (
        {"stages": [0, 1]},
        ValueError,
        r"stages\[1\] is 1; stages are 0..0",
    ),
    "no thresholds": ({"thresholds": []}, ValueError, "thresholds is empty"),
    "unknown linkage": ({"linkage": "median"}, ValueError, "linkage is 'median'"),
}


def assert_one_line(error, kind, pattern):
    assert type(error.value) is kind
    assert re.search(pattern, str(error.value)), str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("mistake", GRID_MISTAKES)
def test_grid_mistake_is_named_in_one_line(mistake):
    changes, kind, pattern = GRID_MISTAKES[mistake]
    with pytest.raises(kind) as error:
        MergeProblem.from_grid(**(GRID | changes))
    assert_one_line(error, kind, pattern)


@pytest.mark.parametrize("mistake", EDGE_MISTAKES)
def test_edge_mistake_is_named_in_one_line(mistake):
    changes, kind, pattern = EDGE_MISTAKES[mistake]
    with pytest.raises(kind) as error:
        MergeProblem.from_edges(**(EDGES | changes))
    assert_one_line(error, kind, pattern)


@pytest.mark.parametrize(
    ("changes", "kind", "pattern"),
    [
        ({"threads": 0}, ValueError, "threads is 0"),
        ({"threads": 1.5}, TypeError, "threads must be an integer; got 1.5"),
        ({"backend": "rust"}, ValueError, "'rust' is unknown; known are .*networkx"),
        ({"backend": 3}, TypeError, "backend must be a name or a function; got int"),
        ({"problem": "street.png"}, TypeError, "problem must be a MergeProblem; got str"),
    ],
)
def test_mistake_in_calling_merge_is_named_in_one_line(changes, kind, pattern):
    with pytest.raises(kind) as error:
        merge(**({"problem": MergeProblem.from_edges(**EDGES)} | changes))
    assert_one_line(error, kind, pattern)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"shape": (30, 30), "num_vertices": 900}, "affinities"),
        ({"num_vertices": 7}, "num_vertices"),
        ({"mask": np.ones((2, 2), bool)}, "mask"),
        ({"thresholds": np.array([0.5])}, "thresholds"),
        ({"linkage": "median"}, "linkage"),
    ],
)
def test_a_problem_made_without_the_checks_is_refused(changes, name):
    problem = MergeProblem.from_grid(np.ones((1, 3, 3), np.uint16), [(0, 1)], [0], [0.5])
    with pytest.raises(ValueError, match=name):
        replace(problem, **changes)


def test_scalar_affinities_and_ragged_masks_are_refused():
    with pytest.raises(ValueError, match="affinities must have shape"):
        MergeProblem.from_grid(np.float64(0.5), [(0, 1)], [0], [0.5])
    with pytest.raises(ValueError, match="mask"):
        MergeProblem.from_grid(
            np.ones((1, 2, 2)), [(0, 1)], [0], [0.5], mask=[[True], [True, False]]
        )
