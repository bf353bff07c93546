"""Tables on pages: few columns, with texts that need no explanation."""

import numpy as np
import pandas as pd
import pytest

from bench.report.tables.confusion import confusion_table, most_frequent_confusions_table
from bench.report.tables.formats import to_markdown
from bench.report.tables.method_names import names_of_compared
from bench.report.tables.shown_columns import shown_columns_markdown
from tests.bench.study_helpers import example_record

ROW = {
    "backend": "c",
    "threads": 1,
    "identical": "yes",
    "identical_to": "networkx on crops of 8x16, numba on maps",
    "speedup": 2.0,
    "speedup_over": "heap on maps",
    "scope": "maps",
    "ms": 10.0,
    "ms_q1": 9.0,
    "ms_q3": 11.0,
}


def cells_by_heading(markdown):
    """The cells of a table that has a single row, by their headings."""
    heading, _, row = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in markdown.splitlines()
    )
    return dict(zip(heading, row, strict=True))


def shown_cells(**changes):
    return cells_by_heading(to_markdown(pd.DataFrame([ROW | changes])))


def test_scopes_are_named_only_where_they_differ_from_the_row_s():
    assert shown_cells()["result"] == "same as networkx (crops of 8x16), numba"
    assert shown_cells()["speed"] == "2.00 × heap"
    crops = shown_cells(
        scope="crops", identical_to="c on crops, numba on crops", speedup_over="heap on crops"
    )
    assert crops["result"] == "same as c, numba"
    assert crops["ms to merge one image: median (quartiles)"] == "10.0 (9.00 to 11.0) on crops"
    assert shown_cells(scope="crops", speedup_over="heap on maps")["speed"] == "2.00 × heap (maps)"


def test_crops_are_named_height_first_also_those_of_old_records():
    old = example_record(identical_to="networkx on 68x36 crops, heap on maps")
    new = example_record(identical_to="networkx on crops of 36x68, heap on maps")
    assert names_of_compared(old) == names_of_compared(new) == new.identical_to


def test_a_speed_on_crops_says_so():
    crops = shown_cells(scope="crops", speedup_over="heap on crops")
    assert crops["speed"] == "2.00 × heap on crops"


def test_a_speed_below_a_tenth_is_a_fraction():
    assert shown_cells(speedup=1 / 227)["speed"] == "1/227 × heap"
    assert shown_cells(speedup=0.1)["speed"] == "0.100 × heap"
    assert shown_cells(speedup=0.0999)["speed"] == "1/10.0 × heap"


def test_a_verdict_stands_behind_the_speed():
    assert shown_cells(verdict="faster")["speed"] == "2.00 × heap: faster"
    assert shown_cells(verdict="")["speed"] == "2.00 × heap"


def test_threads_stand_beside_the_name_of_the_backend():
    assert shown_cells(threads=2)["backend"] == "c (2 threads)"
    assert (
        shown_cells(identical_to="c, c, 2 threads, numba")["result"]
        == "same as c, c (2 threads), numba"
    )


ROUGH = {"identical": "approximate", "identical_to": "", "computes": "another rule"}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"identical": "NO"}, "DIFFERS"),
        ({"identical": "not checked"}, "not checked"),
        (ROUGH, "approximate"),
        (ROUGH | {"agreement": 0.98765}, "approximate: F-score 0.988"),
        (
            ROUGH | {"agreement": 0.98765, "adjusted_rand": 0.5},
            "approximate: adjusted Rand 0.500",
        ),
        (ROUGH | {"split_bits": 0.0, "merge_bits": 0.1}, "approximate"),
        (ROUGH | {"split_bits": 0.0, "merge_bits": 0.0}, "approximate (equal here)"),
        ({"identical": "approximate", "identical_to": "heap"}, "approximate, same as heap"),
    ],
)
def test_the_result_says_how_it_compares_with_the_baseline(changes, text):
    assert shown_cells(**changes)["result"] == text


def test_narrow_tables_take_the_columns_that_the_frame_has():
    frame = pd.DataFrame([ROW | {"linkage": "average", "AP": 0.5, "bicycle": 0.25, "note": ""}])
    headings = cells_by_heading(shown_columns_markdown("speed_accuracy", frame))
    assert "AP" in headings and "bicycle" not in headings and "note" not in headings


def test_the_summary_of_a_confusion_names_the_most_frequent_mistakes():
    shares = np.array([[0.7, 0.1, 0.2], [0.0, 1.0, 0.0], [np.nan] * 3])
    pixels = np.array([10, 5, 0])
    summary = most_frequent_confusions_table(
        confusion_table(shares, ["background", "car", "bus"], pixels)
    )
    assert summary["taken for"].tolist() == ["bus (0.200), car (0.100)", "", ""]
    assert summary["right"].tolist()[:2] == [0.7, 1.0] and np.isnan(summary["right"][2])
    assert summary["pixels"].tolist() == [10, 5, 0]
