"""The labels of all values of a row say what the values are."""

import pandas as pd

from bench.report.tables.value_labels import class_columns, value_labels


def test_columns_of_classes_are_labelled_as_ap():
    frame = pd.DataFrame(columns=["row", "AP", "AP50", "score at 0.5", "at 0.6", "car", "ms"])
    assert class_columns(frame) == ["car"]
    labels = value_labels(frame)
    assert labels["car"] == "AP of car" and labels["row"] == "row"
    assert labels["ms"].startswith("ms to merge")


def test_a_table_without_classes_has_no_class_columns():
    assert class_columns(pd.DataFrame(columns=["backend", "AP", "AP50", "ms", "images"])) == []
    assert class_columns(pd.DataFrame(columns=["backend", "round_ms"])) == []
