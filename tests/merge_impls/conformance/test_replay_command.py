"""``merge-impls replay``: its output for a wrong and for a right backend, and its exit codes."""

import numpy as np
import pytest

from merge_impls import MergeProblem
from merge_impls.conformance.comparator import CallMode
from merge_impls.problem_files import save_problem


@pytest.fixture
def tie(folder):
    """A saved problem with two edges of 0.8: (1, 2) merges first, and then 0.5 is below the threshold."""
    problem = MergeProblem.from_edges(
        3, [(0, 1), (1, 2), (0, 2)], np.array([0.8, 0.8, 0.2]), [0, 0, 0], [0.6]
    )
    save_problem(folder / "tie.npz", problem, check="by hand", backend="somebody")
    return "tie.npz"


def test_the_whole_problem_and_the_agreement_are_printed(merge_impls, tie):
    code, out, err = merge_impls("replay", tie, "--backend", "c")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "found by the check 'by hand' in somebody",
        "3 vertices, 3 edges, linkage average, threshold 0.6",
        "stage 0, threshold 0.6:",
        "  (0, 1)  0.8 = 52428 / 65535",
        "  (1, 2)  0.8 = 52428 / 65535",
        "  (0, 2)  0.2 = 13107 / 65535",
        "merged once: c agrees with networkx 0.1.0 to the bit",
    ]


def test_a_disagreement_is_explained(merge_impls, tie):
    code, out, _ = merge_impls("replay", tie, "--backend", "wrong:merges_nothing")
    assert code == 1
    assert "wrong:merges_nothing differs from networkx 0.1.0:" in out


@pytest.mark.parametrize(
    ("backend", "line"),
    [("wrong:crashes", "its process died (SIGABRT)"), ("wrong:hangs", "no answer within 0.5 s")],
)
def test_a_crash_or_a_hang_exits_with_4(merge_impls, tie, backend, line):
    code, out, _ = merge_impls("replay", tie, "--backend", backend, "--timeout", "0.5")
    assert code == 4
    assert line in out


def test_a_problem_is_merged_in_the_mode_saved_with_it(merge_impls, folder):
    problem = MergeProblem.from_edges(2, [(0, 1)], [1.0], [0], [0.5])
    save_problem(folder / "way.npz", problem, way={"threads": 4, "repetitions": 3})
    code, out, _ = merge_impls("replay", "way.npz", "--backend", "wrong:threaded")
    assert code == 1
    assert "merged with up to 4 threads, 3 times:" in out
    assert str(CallMode()) == "once"


@pytest.mark.parametrize(
    ("backend", "code", "line"),
    [
        ("nobody", 2, "backend 'nobody' is unknown; known are c, heap, networkx, numba"),
        ("nowhere:merge", 3, "backend nowhere:merge is not available"),
        ("wrong:FLAT", 3, "backend flat does not support edges, only 2-D grids"),
    ],
)
def test_an_unknown_or_unsupported_backend_is_an_error_of_one_line(
    merge_impls, tie, backend, code, line
):
    got, _, err = merge_impls("replay", tie, "--backend", backend)
    assert got == code
    assert line in err and len(err.splitlines()) == 1


def test_a_file_that_is_no_saved_problem_is_an_error_of_one_line(merge_impls, folder, tie):
    whole = (folder / tie).read_bytes()
    (folder / "half.npz").write_bytes(whole[: len(whole) // 2])
    np.savez(folder / "other.npz", numbers=np.arange(3))
    (folder / "text.npz").write_text("no archive")
    problem = MergeProblem.from_edges(1, [], [], [], [0.5])
    save_problem(folder / "odd.npz", problem, way={"threads": "many"})
    for name in ("half.npz", "other.npz", "text.npz", "odd.npz", "nowhere.npz"):
        code, out, err = merge_impls("replay", name, "--backend", "c")
        assert (code, out) == (2, "")
        assert err.startswith("merge-impls replay: ") and len(err.splitlines()) == 1
