"""The table that compares methods: AP by size of object, and the change of AP."""

import numpy as np
import pandas as pd

from bench.report.tables.ap_by_object_size import MethodApBySize, ap_by_object_size_table
from bench.report.tables.formats import to_markdown, write_csv

THEIRS = MethodApBySize("theirs", 0.5, {"small": 0.1, "large": np.nan})
OURS = MethodApBySize("ours", 0.52, {"small": 0.25, "large": np.nan}, (0.02, -0.0114, 0.05))


def test_every_method_but_the_first_has_a_change():
    frame = ap_by_object_size_table([THEIRS, OURS])
    heading, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in to_markdown(frame).splitlines()
    ]
    assert heading == ["method", "AP", "small", "change of AP (95% interval)"]
    assert rows == [
        ["theirs", "0.500", "0.100", "–"],
        ["ours", "0.520", "0.250", "+0.020 (-0.011 to +0.050)"],
    ]


def test_one_method_has_no_column_of_changes(tmp_path):
    assert "change" not in to_markdown(ap_by_object_size_table([THEIRS]))


def test_the_csv_shows_as_the_table_does(tmp_path):
    frame = ap_by_object_size_table([THEIRS, OURS])
    write_csv(frame, tmp_path / "comparison.csv")
    assert to_markdown(pd.read_csv(tmp_path / "comparison.csv")) == to_markdown(frame)
