"""Each table and figure that shows an approximate method names it as such, by method and linkage."""

from dataclasses import replace

import numpy as np
import pytest

from bench.report.figures.ablation import ablation_figure
from bench.report.pages.summary import summarize_study
from bench.report.tables.ablation import ablation_table
from bench.report.tables.ap_by_class import ap_by_class_table
from bench.report.tables.ap_by_object_size import object_sizes_table
from bench.report.tables.graph_families import families_table
from bench.report.tables.image_study import accuracy_table
from bench.report.tables.runs_side_by_side import best_ap_row
from bench.report.tables.shown_columns import shown_columns
from bench.runner.record import ApChange
from tests.bench.report.tables.test_image_study import record
from tests.bench.report.tables.test_speed_study import record as field_record

RULE = "union-find over sorted edges"
AGAINST_EXACT = ApChange("plain", -0.2, -0.3, -0.1, 1000)


def rows_of_one_name(**changes):
    """Records of one row of a study, which an exact method and an approximate one share."""
    exact = record("c", row="plain", seconds=[[1.0]] * 10)
    rough = {"row": "plain", "seconds": [[0.5]] * 10, "computes": RULE, "ap": 0.2}
    return [exact, record("kruskal", **(rough | {"change": AGAINST_EXACT} | changes))]


def shown_texts(name, table, column):
    """The texts of a column as a page shows it."""
    return next(each.cells for each in shown_columns(name, table) if each.name == column)


def test_rows_of_several_methods_name_method_and_linkage():
    table = ablation_table(rows_of_one_name())
    assert shown_texts("ablation", table, "method") == [
        "c, average",
        "kruskal, average (approximate)",
    ]
    columns = [each.name for each in shown_columns("ablation", table)]
    assert columns[0] == "row" and "linkage" not in columns and len(columns) <= 7


def test_rows_of_one_method_name_the_linkage_alone():
    columns = [
        each.name for each in shown_columns("ablation", ablation_table([record(row="plain")]))
    ]
    assert "linkage" in columns and "method" not in columns


@pytest.mark.parametrize("make", [accuracy_table, object_sizes_table])
def test_scores_name_approximate_methods_and_no_oracle(make):
    scores = {"by_size": {size: [0.1, 0.2] for size in ("small", "medium", "large")}}
    found = [
        record("c", ap=0.5),
        record("kruskal", ap=0.4, computes=RULE),
        record("truth", ap=0.9, computes="what perfect networks give", seconds=[]),
    ]
    found = [replace(each, scores=each.scores | scores) for each in found]
    assert make(found)["method"].tolist() == ["c", "kruskal (approximate)", "truth"]


def test_the_columns_of_ap_by_class_name_approximate_methods():
    columns = ap_by_class_table([record("c"), record("kruskal", computes=RULE)]).columns
    assert columns.tolist() == ["class", "c", "kruskal (approximate)"]


def test_families_name_approximate_methods_and_threads():
    two = field_record("c", noise="star", threads=2)
    rough = field_record("kruskal", noise="star", computes=RULE)
    merged = replace(rough, images=[replace(rough.images[0], merges=5)])
    floor = replace(rough, images=[replace(rough.images[0], merges=0)])
    floor = replace(floor, cell=replace(floor.cell, backend="sorting"))
    found = [field_record("heap", noise="star"), two, merged, floor]
    table = families_table([replace(each, hashes={"fields": "0"}) for each in found])
    expected = ["heap", "c (2 threads)", "kruskal (approximate)", "sorting (merges nothing)"]
    assert shown_texts("families", table, "method") == expected


def test_sentences_and_bars_tell_an_approximate_row_from_the_exact_one():
    found = rows_of_one_name()
    table = ablation_table(found)
    tables = {"ablation": table}
    name = "plain: kruskal (approximate)"
    summary = summarize_study(found, tables)
    (change,) = summary["Which changes of AP are more than chance?"]
    assert change.startswith(f"`{name}` is worse than `plain`")
    fastest = " ".join(summary["What is fastest?"])
    assert "exact: `c` in the row `plain` with" in fastest
    assert "approximate: `kruskal` in the row `plain` with" in fastest and ", with AP" in fastest
    assert best_ap_row(found, tables)["best"] == "plain"
    (axes,) = ablation_figure(table).axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["plain", name]
    better = ablation_table(rows_of_one_name(ap=0.6, change=None))
    assert best_ap_row(found, {"ablation": better})["best"] == name
    assert np.isclose(best_ap_row(found, {"ablation": better})["AP"], 0.6)
