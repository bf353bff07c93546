"""The table of every method: speeds of rows and of fields, over the baseline that is named or chosen."""

from dataclasses import replace

import numpy as np
import pytest

from bench.report.tables.exactness import exactness_table
from bench.report.tables.study_tables import study_tables
from merge_impls.measurement_statistics import LEAST_IMAGES
from tests.bench.report.tables.test_image_study import record as image_record
from tests.bench.report.tables.test_speed_study import record as field_record


def of_row(backend, row, time, linkage="average", **changes):
    seconds = [[time * (1 + image)] for image in range(LEAST_IMAGES)]
    return image_record(backend, linkage, seconds, row=row, **changes)


@pytest.fixture
def found():
    """Times of an exact row, of a forced local merge, of another linkage, and of an approximate method."""
    rough = {"computes": "another rule", "identical": None}
    return [
        of_row("heap", "exact", 8.0, again=1.05),
        of_row("c", "exact", 2.0),
        of_row("heap", "forced", 4.0, strategy={"flm": 2}),
        of_row("c", "forced", 1.0, strategy={"flm": 2}),
        of_row("other", "a third party's", 32.0, **rough),
        of_row("heap", "Algorithm 1", 3.0, "weighted"),
        of_row("c", "Algorithm 1", 1.0, "weighted"),
        field_record("heap", [8.0] * 5, hashes={"fields": "1"}),
        field_record("c", [2.0] * 5, hashes={"fields": "1"}),
    ]


def speeds(table):
    return dict(zip(zip(table["method"], table["row"], strict=True), table["speedup"], strict=True))


def test_rows_are_compared_with_the_first_row_of_their_linkage(found):
    """The time of the approximate method is that of its call, which is half of the 0.05 s of each image."""
    table = exactness_table(found)
    assert speeds(table)["c", "exact"] == 4 and speeds(table)["heap", "exact"] == 1
    assert speeds(table)["c", "forced"] == 8 and speeds(table)["heap", "forced"] == 2
    assert speeds(table)["c", "Algorithm 1"] == 3 and speeds(table)["heap", "Algorithm 1"] == 1
    assert speeds(table)["c", ""] == 4
    assert speeds(table)["other", "a third party's"] > 1


def test_rows_and_fields_have_verdicts_and_the_noise_floor(found):
    table = exactness_table(found).set_index(["method", "row"])
    assert table["verdict"]["heap", "forced"] == "faster"
    assert not table["verdict"]["heap", "exact"] and np.isnan(table["speedup_low"]["heap", "exact"])
    assert table["noise_floor"]["c", "forced"] == pytest.approx(0.05)
    assert np.isnan(table["noise_floor"]["c", "Algorithm 1"])
    assert table["verdict"]["c", ""] == "faster" and "few rounds" not in table["warnings"]["c", ""]


def test_a_wrong_method_has_no_speed(found):
    wrong = replace(found[1], state="disagreed", reason="merge 3 differs")
    table = exactness_table([found[0], wrong]).set_index("method")
    assert np.isnan(table["speedup"]["c"]) and not table["verdict"]["c"]


def test_a_chosen_baseline_replaces_that_of_the_records(found):
    named = [replace(each, baseline="heap") for each in found]
    assert set(exactness_table(named)["speedup_over"]) == {"heap on maps", "heap"}
    table = study_tables(named, (), "c")["exactness"]
    assert set(table["speedup_over"]) == {"c on maps", "c"}
    assert speeds(table)["heap", "exact"] == 0.25 and speeds(table)["c", "forced"] == 2


def test_a_label_and_a_version_stand_for_the_baseline(found):
    named = [replace(each, baseline="mine=mine:merge") for each in found]
    shown = {"heap": "heap", "other": "other", "c": "mine@3fa2b1c"}
    found = [
        replace(each, cell=replace(each.cell, backend=shown[each.cell.backend])) for each in named
    ]
    table = exactness_table(found)
    assert set(table["speedup_over"]) == {"mine@3fa2b1c on maps", "mine@3fa2b1c"}


def test_a_baseline_without_times_leaves_no_speed(found):
    named = [replace(each, baseline="absent") for each in found]
    table = exactness_table(named)
    assert table["speedup"].isna().all() and set(table["speedup_over"]) == {""}
