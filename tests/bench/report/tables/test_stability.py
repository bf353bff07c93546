"""The table of stability: which rows are compared, and how runs of several seeds are summed up."""

import pytest

from bench.report.tables.shown_columns import shown_columns_markdown
from bench.report.tables.stability import ONE_STEP, REVERSED, stability_table
from bench.report.tables.study_tables import study_tables
from bench.runner.record import ApChange
from tests.bench.study_helpers import example_record, measured


def row(name, difference=None, adjusted_rand=None, linkage="average", against="plain", **changes):
    """A record of two images. difference: of AP; None: the row is not compared with another."""
    agreement = {"agreement": adjusted_rand, "adjusted_rand": adjusted_rand}
    agreement |= {"split_bits": 0.5, "merge_bits": 0.25} if adjusted_rand else {}
    images = [measured(name=name, merges=5, tied_merges=2, **agreement) for name in "ab"]
    change = None if difference is None else ApChange(against, difference, -1.0, 1.0, 10)
    cell = {"row": name, "linkage": linkage}
    return example_record(
        cell, images=images, change=change, key=f"{linkage} {name}", problem_change=changes or None
    )


@pytest.fixture
def found():
    return [
        row("plain"),
        row("seed 1", -0.25, 0.5, seed=1),
        row("seed 2", 0.125, 0.75, seed=2),
        row("reversed", 0.0, 1.0, reversed_ties=True),
        row("rounded", 0.0, levels=16),
        row("rounded, seed 1", 0.5, 0.25, against="rounded", levels=16, seed=1),
    ]


def test_runs_of_one_kind_share_a_row_with_their_mean_and_extremes(found):
    table = stability_table(found).set_index(["against", "changed"])
    assert list(table.index) == [("plain", ONE_STEP), ("plain", REVERSED), ("rounded", ONE_STEP)]
    seeds = table.loc["plain", ONE_STEP]
    assert (seeds["runs"], seeds["mean_adjusted_rand"]) == (2, 0.625)
    assert (seeds["lowest_adjusted_rand"], seeds["split_bits"], seeds["merge_bits"]) == (
        0.5,
        0.5,
        0.25,
    )
    changes = [seeds[f"{name}_change"] for name in ("mean", "lowest", "highest")]
    assert changes == [-0.0625, -0.25, 0.125]
    assert seeds["tied_merges"] == pytest.approx(4 / 10) and seeds["AP"] == 0.5
    assert table.loc["rounded", ONE_STEP]["levels"] == 16


def test_linkages_are_apart_and_wrong_results_are_left_out(found):
    other = [row("plain", linkage="weighted"), row("seed 1", -0.5, 0.5, "weighted", seed=1)]
    table = stability_table([*found, *other])
    assert table[table["linkage"] == "weighted"]["mean_change"].tolist() == [-0.5]
    wrong = [*found[:1], *(each.with_results(state="failed") for each in found[1:])]
    assert stability_table(wrong).empty


def test_a_study_without_changed_problems_has_no_such_table(found):
    assert "stability" in study_tables(found, goals=())
    assert "stability" not in study_tables(found[:1], goals=())


def test_the_page_shows_the_range_of_several_runs_alone(found):
    shown = shown_columns_markdown("stability", stability_table(found)).splitlines()[2:]
    assert "0.625 (0.500)" in shown[0] and "-0.062 (-0.250 to +0.125)" in shown[0]
    assert "| 1.000 |" in " ".join(shown[1].split()) and "+0.000 (" not in shown[1]
    assert "40.0%" in shown[0]
