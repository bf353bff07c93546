"""What docs/results.md says about the studies ``stability`` and ``exactness`` holds in their records."""

from functools import cache
from pathlib import Path

import pytest

from bench.report.tables.study_tables import study_tables
from bench.runner.records_of_runs import read_runs

RESULTS = Path(__file__).parents[2] / "results"


@cache
def table(study, name):
    return study_tables(read_runs([RESULTS / study]), ())[name]


def stability(linkage):
    found = table("stability", "stability")
    return found[found["linkage"] == linkage]


def test_average_hardly_moves_and_moves_more_with_more_ties():
    found = stability("average")
    assert found["lowest_adjusted_rand"].min() >= 0.99
    assert max(abs(found["lowest_change"]).max(), abs(found["highest_change"]).max()) < 0.01
    assert found["tied_merges"].max() > 0.9
    steps = found[found["runs"] == 10].sort_values("tied_merges")
    assert len(steps) == 3 and steps["mean_adjusted_rand"].is_monotonic_decreasing


def test_weighted_moves_far_whatever_the_share_of_ties():
    found = stability("weighted")
    assert found["mean_adjusted_rand"].between(0.8, 0.9).all()
    assert found["tied_merges"].min() < 0.5 and found["tied_merges"].max() > 0.8
    assert (found["highest_change"] < 0).all(), "AP falls in all runs"


def test_one_step_with_weighted_moves_ap_more_than_all_strategies_but_rr():
    found = stability("weighted")
    (step,) = found[(found["against"] == "16 bits") & (found["runs"] == 10)]["mean_change"]
    changes = table("table2", "ablation").dropna(subset="change").set_index("row")["change"].abs()
    assert set(changes.index[changes >= abs(step)]) == {"PAR, RR"}


@pytest.mark.parametrize("study", ["stability", "exactness"])
def test_every_record_is_done_and_exact_methods_are_right(study):
    assert all(record.state == "done" and record.images for record in read_runs([RESULTS / study]))
    found = table(study, "exactness" if study == "exactness" else "ablation")
    assert len(found) > 20
    assert set(found["identical"][found["computes"] == ""]) <= {"yes", "approximate"}
    assert set(found["identical"][found["computes"] != ""]) <= {"approximate"}


def exactness(data, method, row=""):
    """The row of a method on the maps of the scenes or on a field."""
    found = table("exactness", "exactness").set_index(["data", "method", "row"]).sort_index()
    return found.loc[data, method, row]


STREETS = ("mild 256x512", "strong 256x512")
HARD = "uniform-random 400000 edges"
GASP, HIGRA = "bioimage-cpp GASP mean", "Higra, staged"
MULTICUT, MUTEX = "bioimage-cpp multicut, greedy", "bioimage-cpp mutex watershed"
OTHERS = {
    "one stage": GASP,
    "multicut, greedy": MULTICUT,
    "mutex watershed": MUTEX,
    "mutex watershed in Rust": "mwatershed",
}


def test_exact_backends_have_equal_ap_and_kruskal_loses_half_of_it():
    exact = {exactness("scenes", name, "exact")["AP"] for name in ("c", "numba", "heap")}
    assert len(exact) == 1
    assert exactness("scenes", "kruskal", "exact")["AP"] < exact.pop() / 2
    assert all(exactness(each, "kruskal")["adjusted_rand"] < 0.01 for each in (*STREETS, HARD))


def test_forcing_merges_of_2x2_costs_little_and_of_4x4_much():
    ap = exactness("scenes", "c", "exact")["AP"]
    small, large = (
        exactness("scenes", "c", f"local merge of {n}x{n} forced")["AP"] for n in (2, 4)
    )
    assert abs(small - ap) < 0.01 and large < ap - 0.05


def test_other_methods_agree_on_pixels_and_still_lose_ap():
    ap = exactness("scenes", "c", "exact")["AP"]
    for row, method in OTHERS.items():
        found = exactness("scenes", method, row)
        assert found["adjusted_rand"] > 0.88 and found["AP"] < ap - 0.1


def test_higra_and_gasp_equal_the_exact_result_only_in_part():
    tree = exactness("scenes", HIGRA, "one tree a stage")
    assert tree["adjusted_rand"] > 0.999
    assert tree["AP"] == pytest.approx(exactness("scenes", "c", "exact")["AP"], abs=0.001)
    assert exactness("strong 256x512", HIGRA)["adjusted_rand"] < 0.98
    assert all(exactness(HARD, name)["adjusted_rand"] > 0.999 for name in (HIGRA, GASP))
    rough = (MULTICUT, MUTEX, "mwatershed")
    assert all(exactness(HARD, name)["adjusted_rand"] < 0.35 for name in rough)


def test_other_programs_need_eight_times_the_memory_of_c():
    most = exactness("scenes", "c", "exact")["peak_mib"]
    for row, method in {**OTHERS, "one tree a stage": HIGRA}.items():
        assert exactness("scenes", method, row)["peak_mib"] > 8 * most
