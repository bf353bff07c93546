"""Small changes of merge problems: what they change, and what they must leave as it is."""

from dataclasses import replace

import numpy as np
import pytest

from bench.pipeline.config import PLAIN
from bench.report.tables.ablation import ablation_table
from bench.runner.problem_change import ProblemChange, count_tied_merges, with_reversed_vertices
from bench.runner.study import Variant
from bench.runner.study_file import read_study
from merge_impls import MergeProblem, merge
from merge_impls.result import HISTORY_DTYPE


@pytest.fixture(params=["grid", "edges"])
def problem(request):
    """A problem whose affinities all differ, so that it has no ties, in one of the two forms."""
    random = np.random.default_rng(5)
    offsets, shape = np.array([[0, 1], [1, 0], [2, -1]]), (9, 7)
    affinities = random.permutation(65536)[: 3 * 9 * 7].reshape(3, *shape).astype(np.uint16)
    grid = MergeProblem.from_grid(
        affinities, offsets, [0, 0, 1], [0.4, 0.3], mask=random.random(shape) < 0.9
    )
    if request.param == "grid":
        return grid
    u, v, q, stages = grid.edge_arrays()
    edges = np.stack([u, v], axis=1)
    return MergeProblem.from_edges(grid.num_vertices, edges, q, stages, grid.thresholds)


def pixel_edges(problem, rename=lambda vertex: vertex):
    """All edges of a problem as a set, with the vertices renamed."""
    edges = zip(*(each.tolist() for each in problem.edge_arrays()), strict=True)
    return {(frozenset((rename(u), rename(v))), q, stage) for u, v, q, stage in edges}


def test_reversed_vertices_are_the_same_graph_with_other_numbers(problem):
    last = problem.num_vertices - 1
    reversed_graph = with_reversed_vertices(problem)
    assert pixel_edges(reversed_graph, lambda vertex: last - vertex) == pixel_edges(problem)
    assert pixel_edges(reversed_graph) != pixel_edges(problem)


def test_without_ties_the_reversed_problem_has_the_same_segments(problem):
    change, expected = ProblemChange(reversed_ties=True), merge(problem, backend="c")
    found = change.restore(merge(change.apply(problem), backend="c"))
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.sizes, expected.sizes)
    np.testing.assert_array_equal(found.confidences, expected.confidences)
    assert len(expected.sizes) < problem.foreground.sum() and found.history is None


def test_reversed_ties_are_broken_the_other_way():
    # Vertices 0 and 2 have an edge too light to merge, so only the first of the two ties is merged.
    ends, affinities = [[0, 1], [1, 2], [0, 2]], np.array([1.0, 1.0, 0.1])
    problem = MergeProblem.from_edges(3, ends, affinities, [0, 0, 0], [0.6], linkage="complete")
    change = ProblemChange(reversed_ties=True)
    assert merge(problem, backend="c").labels.tolist() == [1, 2, 2]
    assert change.restore(merge(change.apply(problem), backend="c")).labels.tolist() == [1, 1, 2]


def test_each_affinity_moves_one_step_and_the_seed_decides_where(problem):
    one, again, other = (ProblemChange(seed=seed).apply(problem) for seed in (1, 1, 2))
    steps = one.affinities.astype(int) - problem.affinities
    inner = (problem.affinities > 0) & (problem.affinities < 65535)
    assert set(steps[inner].tolist()) == {-1, 1} and abs(steps).max() == 1
    np.testing.assert_array_equal(one.affinities, again.affinities)
    assert (one.affinities != other.affinities).any()


@pytest.mark.parametrize("levels", [2, 16, 256, 65536])
def test_rounded_affinities_have_few_values_and_are_near(problem, levels):
    rounded = ProblemChange(levels=levels).apply(problem).affinities
    assert len(np.unique(rounded)) <= levels
    assert abs(rounded.astype(int) - problem.affinities).max() <= 65535 / (levels - 1) / 2 + 0.5
    again = ProblemChange(levels=levels).apply(problem.replace(affinities=rounded)).affinities
    np.testing.assert_array_equal(again, rounded)


def test_tied_merges_follow_a_merge_of_equal_weight_in_their_stage():
    history = np.array(
        [(0, 0, 1, 0.9), (0, 2, 3, 0.9), (0, 0, 2, 0.8), (1, 0, 4, 0.8), (1, 0, 5, 0.8)],
        HISTORY_DTYPE,
    )
    assert count_tied_merges(history) == 2
    assert count_tied_merges(history[:0]) == 0


def test_edges_with_counts_are_refused_in_one_line():
    pooled = MergeProblem.from_edges(
        2, [[0, 1]], np.array([0.5]), [0], [0.1], counts=[2], totals=[65535]
    )
    with pytest.raises(ValueError, match="edges with counts cannot be changed"):
        ProblemChange(seed=1).apply(pooled)


def test_rows_with_changes_have_agreement_and_say_so(run, short_study, quick):
    changes = {
        "rounded": ProblemChange(levels=16),
        "moved": ProblemChange(levels=16, seed=1),
        "reversed": ProblemChange(levels=16, reversed_ties=True),
    }
    rows = (
        Variant("plain", PLAIN),
        *(Variant(n, PLAIN, problem_change=c) for n, c in changes.items()),
    )
    found = run(replace(short_study, variants=rows)).records
    maps = {each.cell.row: each for each in found if each.cell.scope == "maps"}
    assert {each.state for each in found} == {"done"} and len({each.key for each in found}) == len(
        found
    )
    assert "problem_change" not in maps["plain"].to_json()
    assert maps["moved"].to_json()["problem_change"] == {"levels": 16, "seed": 1}
    assert maps["reversed"].problem_change == {"levels": 16, "reversed_ties": True}
    for row, record in maps.items():
        is_compared = row in ("moved", "reversed")
        assert all((image.adjusted_rand is not None) == is_compared for image in record.images)
    ties = {row: sum(image.tied_merges for image in each.images) for row, each in maps.items()}
    assert ties["rounded"] > ties["plain"]
    assert ablation_table(found).set_index("row")["adjusted_rand"]["moved"] < 1


def test_the_study_of_stability_compares_each_change_with_its_rounding():
    study = read_study("stability")
    rows = {row.name: row for row in study.variants}
    changed = [row for row in study.variants if row.problem_change.disturbance.to_json()]
    for row in changed:
        assert rows[row.against].problem_change == row.problem_change.rounding
    seeds = [row.problem_change.seed for row in changed if row.problem_change.seed]
    assert sorted(set(seeds)) == list(range(1, 11)) and len(seeds) == 30
