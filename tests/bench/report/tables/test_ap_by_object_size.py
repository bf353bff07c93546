"""The table that compares methods: AP by size of object, and the change of AP."""

from dataclasses import replace

import numpy as np
import pandas as pd

from bench.report.pages.notes import notes_on_few_images
from bench.report.tables.ap_by_object_size import (
    MethodApBySize,
    ap_by_object_size_table,
    object_sizes_table,
)
from bench.report.tables.formats import to_markdown
from bench.report.tables.table_files import write_csv
from merge_impls.measurement_statistics import LEAST_IMAGES
from tests.bench.study_helpers import example_record

THEIRS = MethodApBySize("theirs", 0.5, {"small": 0.1, "large": np.nan}, LEAST_IMAGES)
OURS = MethodApBySize(
    "ours", 0.52, {"small": 0.25, "large": np.nan}, LEAST_IMAGES, (0.02, -0.0114, 0.05)
)


def test_every_method_but_the_first_has_a_change():
    frame = ap_by_object_size_table([THEIRS, OURS])
    heading, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in to_markdown(frame).splitlines()
    ]
    assert heading == ["method", "AP", "small", "change of AP (95% interval)", "images"]
    assert rows == [
        ["theirs", "0.500", "0.100", "–", str(LEAST_IMAGES)],
        ["ours", "0.520", "0.250", "+0.020 (-0.011 to +0.050)", str(LEAST_IMAGES)],
    ]


def test_a_change_on_few_images_has_no_interval_in_the_table():
    few = [replace(each, images=LEAST_IMAGES - 1) for each in (THEIRS, OURS)]
    frame = ap_by_object_size_table(few)
    shown = to_markdown(frame)
    assert " +0.020 (–) |" in shown and "to +0.050" not in shown
    assert frame.loc[1, ["change_low", "change_high"]].tolist() == [-0.0114, 0.05]
    (note,) = notes_on_few_images(frame)
    assert f"fewer than {LEAST_IMAGES} images" in note
    enough = frame.assign(images=LEAST_IMAGES)
    assert notes_on_few_images(enough) == notes_on_few_images(frame[:1]) == []


def test_one_method_has_no_column_of_changes(tmp_path):
    assert "change" not in to_markdown(ap_by_object_size_table([THEIRS]))


def test_the_csv_shows_as_the_table_does(tmp_path):
    frame = ap_by_object_size_table([THEIRS, OURS])
    write_csv(frame, tmp_path / "comparison.csv")
    assert to_markdown(pd.read_csv(tmp_path / "comparison.csv")) == to_markdown(frame)


def scored(backend, small, **cell):
    record = example_record({"backend": backend, **cell})
    sizes = {"small": [small, None], "medium": [0.5, 0.75], "large": [None, None]}
    return replace(record, scores={**record.scores, "by_size": sizes})


def test_methods_with_equal_scores_by_size_share_a_row():
    old = example_record({"backend": "heap"})
    found = [scored("c", 0.25), scored("numba", 0.25), scored("mine", 0.125), old]
    table = object_sizes_table(found)
    assert table["method"].tolist() == ["c, numba", "mine"]
    assert table["small"].tolist() == [0.25, 0.125] and table["large"].isna().all()
    assert not {"dataset", "split", "model", "row"} & set(table.columns)
    assert object_sizes_table([old]).empty


def test_rows_of_several_data_sets_are_told_apart():
    table = object_sizes_table([scored("c", 0.25), scored("c", 0.25, dataset="folder")])
    assert table["dataset"].tolist() == ["scenes", "folder"]
