"""The backend numba: graphs that grow, hubs, sums that are not packed, and the cache of kernels."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from merge_impls import MergeProblem, backends, fields, first_difference, merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.builtin import (
    JIT_IS_DISABLED,
    numba_block_kinds,
    numba_graph,
    numba_grid,
    numba_merge,
)
from merge_impls.builtin.aligned_arrays import CACHE_LINE, aligned_zeros
from merge_impls.builtin.numba_kernels import compiling
from merge_impls.builtin.numba_kernels.fetch_ahead import MOST_FETCHED, adjusted_gap
from merge_impls.builtin.numba_kernels.layouts import VERTEX
from merge_impls.builtin.numba_kernels.segments import find_roots
from tests.prepared_python import PreparedPython

HELPER = """
from kernels.compiling import inlined

@inlined
def answer():
    return {answer}
"""
ENTRY = """
from numba import int64

from kernels.compiling import compiled_entry
from kernels.helper import answer

@compiled_entry(int64())
def ask():
    return answer()

print(ask(), sum(ask.stats.cache_hits.values()))
"""


@pytest.fixture(scope="module", params=LINKAGES)
def field_and_result(request):
    problem = fields.field(48, 96, "strong", linkage=request.param)
    return problem, merge(problem, "c")


@pytest.mark.parametrize("most", [1, 2, 31])
def test_counts_too_large_to_be_packed_change_no_result(field_and_result, monkeypatch, most):
    problem, expected = field_and_result
    monkeypatch.setattr(numba_graph, "MOST_PACKED", most)
    assert first_difference(expected, merge(problem, "numba")) is None


def test_a_graph_with_too_few_slots_grows_with_the_same_result(field_and_result, monkeypatch):
    problem, expected = field_and_result
    growths, grow_graph = [], numba_graph.grow_graph
    monkeypatch.setattr(numba_graph, "SLOT_ROOM", 0)
    monkeypatch.setattr(numba_graph, "SPARE_SLOTS", 1)
    monkeypatch.setattr(
        numba_graph,
        "grow_graph",
        lambda graph: growths.append(graph) or grow_graph(graph),
    )
    assert first_difference(expected, merge(problem, "numba")) is None
    assert len(growths) > 3


def random_graph(seed, linkage, num_values):
    """Random edges in two stages, half of them at a few vertices; affinities have few values or many."""
    rng = np.random.default_rng(seed)
    n, count = int(rng.integers(50, 400)), int(rng.integers(400, 3000))
    edges = rng.integers(0, n, (count, 2))
    edges[::2, 0] = rng.integers(0, 12, len(edges[::2]))
    edges = edges[edges[:, 0] != edges[:, 1]]
    affinities = rng.integers(0, num_values, len(edges)) / (num_values - 1)
    stages = rng.integers(0, 2, len(edges))
    return MergeProblem.from_edges(n, edges, affinities, stages, [0.6, 0.3], linkage=linkage)


@pytest.fixture
def small_hubs(monkeypatch):
    """Make hubs of small vertices, with several levels of keys and a table that grows; list the growths."""
    growths, grow = [], numba_graph._grow_hub_edges
    monkeypatch.setattr(numba_block_kinds, "HUB_CAPACITY", 16)
    monkeypatch.setattr(numba_block_kinds, "PART_BITS", 3)
    monkeypatch.setattr(numba_block_kinds, "GROUP_BITS", 1)
    monkeypatch.setattr(numba_graph, "FEWEST_HUB_EDGES", 0)
    monkeypatch.setattr(
        numba_graph, "_grow_hub_edges", lambda graph: growths.append(graph) or grow(graph)
    )
    return growths


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("num_values", [2, 5, 65536])
def test_small_hubs_change_no_result_of_listed_edges(small_hubs, linkage, num_values):
    for seed in range(15):
        problem = random_graph(seed, linkage, num_values)
        assert first_difference(merge(problem, "heap"), merge(problem, "numba")) is None
    assert small_hubs


def test_small_hubs_change_no_result_of_a_field(field_and_result, small_hubs):
    problem, expected = field_and_result
    assert first_difference(expected, merge(problem, "numba")) is None
    assert small_hubs


def test_the_gap_of_a_hub_follows_the_number_of_listed_parts():
    adjust, gap = adjusted_gap.py_func, 4096
    assert adjust(gap, MOST_FETCHED, 1) < gap < adjust(gap, 0, 1)
    assert adjust(gap, MOST_FETCHED // 2, 1) == adjust(gap, 0, 0) == gap


@pytest.mark.parametrize("patience", [-1, 5000])
def test_merges_by_rank_have_the_same_result(field_and_result, monkeypatch, patience):
    problem, expected = field_and_result
    monkeypatch.setattr(numba_merge, "FIRST_PATIENCE", patience)
    assert first_difference(expected, merge(problem, "numba")) is None


def test_more_slots_than_31_bits_can_number_are_an_overflow(field_and_result, monkeypatch):
    problem, _ = field_and_result
    monkeypatch.setattr(numba_graph, "SPARE_SLOTS", 2**31)
    with pytest.raises(OverflowError, match="backend numba: more edges than it can number"):
        merge(problem, "numba")


def test_no_row_of_a_vertex_crosses_a_line_of_the_cache():
    assert CACHE_LINE % VERTEX.itemsize == 0
    for count in range(1, 9):
        assert aligned_zeros(count, VERTEX).ctypes.data % CACHE_LINE == 0


def test_more_pairs_of_runs_than_runs_are_all_listed(monkeypatch):
    """After the first stage, each pair of rows of four pixels has 2 and 3 runs, and 4 pairs meet."""
    rooms, rows_with_room = [], numba_grid.rows_with_room
    affinities = np.zeros((2, 10, 4))
    affinities[0, ::2, ::2] = affinities[0, 1::2, 1] = 1
    affinities[1] = np.random.default_rng(0).random((10, 4))
    problem = MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 1], [0.5, 0.5])
    monkeypatch.setattr(
        numba_grid,
        "rows_with_room",
        lambda rows, room: rooms.append(room) or rows_with_room(rows, room),
    )
    assert first_difference(merge(problem, "heap"), merge(problem, "numba")) is None
    assert rooms == [25, 50]


def test_compiled_function_refuses_other_types():
    with pytest.raises(TypeError, match="No matching definition"):
        find_roots(np.arange(4), np.zeros(1, np.int32))


@pytest.fixture
def python(tmp_path, monkeypatch):
    """A Python that has imported numba, whose cache is in the folder ``cache`` of ``tmp_path``."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (tmp_path / "python").mkdir()
    with PreparedPython(tmp_path / "python", ["numba"]) as python:
        yield python


@pytest.fixture
def ask(tmp_path, python):
    """A function that runs a kernel with an answer; it returns the answer and the number of cache hits."""
    package = tmp_path / "kernels"
    package.mkdir()
    shutil.copy(compiling.__file__, package / "compiling.py")
    (package / "__init__.py").touch()
    (package / "entry.py").write_text(ENTRY)

    def run_kernel(answer):
        (package / "helper.py").write_text(HELPER.format(answer=answer))
        done = subprocess.run(
            ["python", "-m", "kernels.entry"],
            cwd=tmp_path,
            env=python.environment(os.environ),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()

    return run_kernel


def test_a_change_of_any_kernel_file_recompiles(ask):
    assert ask(answer=41) == ["41", "0"]
    assert ask(answer=41) == ["41", "1"]
    assert ask(answer=42) == ["42", "0"]


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_cache_file_that_is_cut_off_is_compiled_again(ask, tmp_path, suffix):
    assert ask(answer=41) == ["41", "0"]
    (path,) = (tmp_path / "cache").rglob(f"*{suffix}")
    whole = path.read_bytes()
    for length in (0, 40, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert ask(answer=41) == ["41", "0"]
        assert ask(answer=41) == ["41", "1"]


def test_a_damaged_cache_that_cannot_be_written_is_named():
    class ReadOnlyCache:
        cache_path = "/somewhere/kernels"

        def load_overload(self, signature, target):
            raise EOFError

        def flush(self):
            raise PermissionError(13, "Permission denied")

    cache = ReadOnlyCache()
    compiling._replace_damaged_cache_files(cache)
    with (
        pytest.warns(UserWarning, match="has a damaged file"),
        pytest.raises(ImportError, match="^/somewhere/kernels: .* set NUMBA_CACHE_DIR to"),
    ):
        cache.load_overload(None, None)


@pytest.mark.parametrize(("value", "reason"), [("1", JIT_IS_DISABLED), ("0", ""), ("", "")])
def test_a_disabled_compiler_is_listed_and_named(monkeypatch, value, reason):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", value)
    assert backends()["numba"].reason == reason
    assert backends()["numba"].available == (not reason)


def test_a_disabled_compiler_is_an_error_of_one_line():
    program = "import merge_impls.builtin.numba_merge"
    command = [sys.executable, "-c", program]
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == f"ImportError: {JIT_IS_DISABLED}"
