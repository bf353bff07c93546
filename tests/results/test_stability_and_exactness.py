"""What docs/results.md says about the studies ``stability`` and ``exactness`` holds in their records."""

from functools import cache
from pathlib import Path

import pytest

from bench.report.tables.study_tables import study_tables
from bench.runner import records

RESULTS = Path(__file__).parents[2] / "results"


@cache
def table(study, name):
    return study_tables(records.read(RESULTS / study / "records.jsonl"), ())[name]


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
    found = records.read(RESULTS / study / "records.jsonl")
    assert len(found) > 20
    for record in found:
        assert record.state == "done" and record.images
        assert record.computes or all(image.identical is True for image in record.images)
