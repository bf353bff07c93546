"""The compiled functions of the backend numba look at the flag that stops the merge."""

import ast
from pathlib import Path

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.builtin import numba_edges, numba_graph, numba_grid, numba_merge
from merge_impls.builtin.stoppable_call import Stopped

KERNELS = Path(numba_merge.__file__).parent / "numba_kernels"
LOOKS = {"must_stop", "must_stop_at"}
UNBOUNDED = {
    *("contract_from", "sweep_tiles", "merge_by_rank", "fill_queue"),
    *(
        "open_bucket",
        "order_heap",
        "queue_is_empty",
        "sort_edges",
        "sort_by_digit",
        "sort_by_key",
        "copy_rows",
    ),
}
"""Functions, beside those that Python calls, with loops over more than the edges of one vertex."""

SHORT = {"range(digits)", "range(digits - 1, -1, -1)"}
"""What short loops are over."""

NEVER_LONG = {"copy_hub_edges"}
"""Functions that Python calls whose loops are short: few vertices are hubs."""


def functions_with_long_loops():
    """Each function that must look at the flag, as (file:name, the tree of the function)."""
    for path in sorted(KERNELS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            is_entry = any("compiled_entry" in ast.dump(mark) for mark in node.decorator_list)
            if (is_entry or node.name in UNBOUNDED) and node.name not in NEVER_LONG:
                yield f"{path.name}:{node.name}", node


def outer_loops(node):
    """The loops of a function that are in no other loop."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.For | ast.While):
            yield child
        else:
            yield from outer_loops(child)


def looks_at_each_step(loop):
    """Whether the flag is looked at in the loop itself, not only in a loop inside it."""
    loops_inside = [inner for part in loop.body for inner in outer_loops(ast.Module([part], []))]
    inside = {id(node) for inner in loops_inside for node in ast.walk(inner)}
    return any(
        isinstance(node, ast.Name) and node.id in LOOKS and id(node) not in inside
        for node in ast.walk(loop)
    )


@pytest.mark.parametrize(
    ("name", "function"),
    [pytest.param(*found, id=found[0]) for found in functions_with_long_loops()],
)
def test_every_long_loop_looks_at_the_flag(name, function):
    for loop in outer_loops(function):
        is_short = isinstance(loop, ast.For) and ast.unparse(loop.iter) in SHORT
        assert is_short or looks_at_each_step(loop), f"{name}, line {loop.lineno}: no look"


def grid_and_listed_problems():
    """A grid whose edges are in two stages, a grid whose edges are all in the first, and listed edges."""
    random = np.random.default_rng(1)
    affinities, offsets = random.random((4, 20, 20)), [(0, 1), (1, 0), (0, 3), (3, 0)]
    for stages in ([0, 0, 1, 1], [0, 0, 0, 0]):
        yield MergeProblem.from_grid(affinities, offsets, stages, [0.6, 0.4], linkage="weighted")
    edges = np.array([(u, v) for u in range(40) for v in range(u + 1, min(u + 6, 40))])
    stages = random.integers(0, 2, len(edges))
    yield MergeProblem.from_edges(40, edges, random.random(len(edges)), stages, [0.6, 0.4])


MODULES = (numba_merge, numba_graph, numba_grid, numba_edges)


def compiled_functions_that_python_calls():
    for module in MODULES:
        for name, found in vars(module).items():
            if hasattr(found, "nopython_signatures") and name not in NEVER_LONG:
                yield module, name


@pytest.mark.parametrize(("module", "name"), [*compiled_functions_that_python_calls()])
def test_a_flag_that_is_set_before_a_call_stops_the_merge(module, name, monkeypatch):
    function, stop, calls = getattr(module, name), np.zeros(1, np.int32), []

    def set_flag_and_call(*arguments):
        calls.append(name)
        stop[0] = 1
        return function(*arguments)

    monkeypatch.setattr(module, name, set_flag_and_call)
    for problem in grid_and_listed_problems():
        stop[0] = 0
        before = len(calls)
        try:
            numba_merge._merge_until_stopped(problem, stop)
        except Stopped:
            continue
        assert len(calls) == before, f"{name} did not stop the merge"
    assert calls, f"no problem calls {name}"


@pytest.mark.parametrize("linkage", ["average", "weighted", "single", "complete"])
def test_a_merge_ends_if_its_affinities_change(linkage, monkeypatch):
    """The best edges of the pixels are those of other affinities than the ones that are merged."""
    random, errors = np.random.default_rng(0), []
    find = numba_graph.find_grid_best_edges
    for _ in range(30):
        affinities = random.integers(0, 65536, (4, 16, 16)).astype(np.uint16)
        problem = MergeProblem.from_grid(
            *(affinities, [(0, 1), (1, 0), (1, 1), (2, 0)], [0] * 4, [0.3]), linkage=linkage
        )

        def find_and_change(*arguments, changed=affinities):
            find(*arguments)
            changed[:] = random.integers(0, 65536, changed.shape)

        monkeypatch.setattr(numba_graph, "find_grid_best_edges", find_and_change)
        try:
            assert merge(problem, "numba").labels.min() == 1
        except ValueError as error:
            errors.append(str(error))
    assert all("the affinities changed during the merge" in error for error in errors)
    assert (len(errors) > 0) == (linkage != "weighted"), "weighted runs out of patience instead"
