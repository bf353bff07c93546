"""A saved problem is read back bit for bit; any other file is refused with a one-line error."""

import json

import numpy as np
import pytest

from merge_impls import MergeProblem, first_difference, merge
from merge_impls.problem_files import load_problem_and_notes, save_problem

GRID = MergeProblem.from_grid(
    np.random.default_rng(0).random((2, 5, 6)),
    [(0, 1), (1, -1)],
    [0, 1],
    [0.9, 0.123],
    mask=np.random.default_rng(1).random((5, 6)) < 0.8,
)
GRAPH = MergeProblem.from_edges(4, [(0, 1), (3, 1)], [0.25, 1.0], [0, 0], [0.1], linkage="weighted")

COUNTED = GRAPH.replace(counts=[3, 1], totals=[5, 65535])


@pytest.mark.parametrize("problem", [GRID, GRAPH, COUNTED], ids=["grid", "graph", "counted"])
def test_a_problem_read_back_is_the_same_to_the_bit(tmp_path, problem):
    save_problem(tmp_path / "deep" / "p.npz", problem, check="a check", threads=3)
    again, notes = load_problem_and_notes(tmp_path / "deep" / "p.npz")
    assert notes == {"check": "a check", "threads": 3}
    assert (again.shape, again.linkage) == (problem.shape, problem.linkage)
    arrays = ("thresholds", "stages", "affinities", "offsets", "mask", "edges", "counts", "totals")
    for name in arrays:
        np.testing.assert_array_equal(getattr(again, name), getattr(problem, name))
    assert first_difference(merge(problem), merge(again)) is None


def change_format(path, version):
    with np.load(path) as file:
        arrays = dict(file)
    head = json.loads(str(arrays.pop("head"))) | {"format": f"merge-impls problem {version}"}
    np.savez(path, head=np.array(json.dumps(head)), **arrays)


def test_counts_have_a_format_of_their_own_that_must_fit(tmp_path):
    path = tmp_path / "p.npz"
    for problem, right, wrong in ((GRAPH, 1, 2), (COUNTED, 2, 1)):
        save_problem(path, problem)
        change_format(path, right)
        assert load_problem_and_notes(path)[0].counts is None or problem is COUNTED
        change_format(path, wrong)
        with pytest.raises(ValueError, match="counts and totals do not fit its format"):
            load_problem_and_notes(path)
    change_format(path, 3)
    with pytest.raises(ValueError, match="its format is 'merge-impls problem 3', not"):
        load_problem_and_notes(path)


def test_every_threshold_is_the_same_after_saving_and_loading(tmp_path):
    thresholds = np.arange(65536) / 65535
    problem = MergeProblem.from_edges(1, [], [], [], thresholds)
    save_problem(tmp_path / "p.npz", problem)
    again, _ = load_problem_and_notes(tmp_path / "p.npz")
    np.testing.assert_array_equal(again.thresholds, problem.thresholds)


def test_a_file_cut_off_anywhere_is_refused_in_one_line(tmp_path):
    path = tmp_path / "p.npz"
    save_problem(path, GRID)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"p\.npz is not a saved problem: ") as error:
            load_problem_and_notes(path)
        assert "\n" not in str(error.value)


def test_a_file_with_a_flipped_bit_is_read_or_refused_in_one_line(tmp_path):
    path = tmp_path / "p.npz"
    save_problem(path, GRAPH)
    whole = path.read_bytes()
    refused = 0
    for place in range(whole.index(b"PK\1\2"), len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            load_problem_and_notes(path)
        except ValueError as error:
            refused += 1
            assert "p.npz is not a saved problem: " in str(error) and "\n" not in str(error)
    assert refused > 100


def test_another_npz_and_a_missing_file_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", affinities=np.zeros(3))
    with pytest.raises(ValueError, match=r"other\.npz is not a saved problem"):
        load_problem_and_notes(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load_problem_and_notes(tmp_path / "nowhere.npz")
