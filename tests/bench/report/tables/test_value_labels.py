"""The labels of all values of a row say what the values are."""

import pandas as pd

from bench.report.tables.value_labels import class_columns, value_labels, values_without_meaning
from merge_impls.measurement_statistics import LEAST_IMAGES, TOO_FEW_ROUNDS


def test_columns_of_classes_are_labelled_as_ap():
    frame = pd.DataFrame(columns=["row", "AP", "AP50", "score at 0.5", "at 0.6", "car", "ms"])
    assert class_columns(frame) == ["car"]
    labels = value_labels(frame)
    assert labels["car"] == "AP of car" and labels["row"] == "row"
    assert labels["ms"].startswith("ms to merge")


def test_numbers_that_are_means_over_images_say_so():
    labels = value_labels(pd.DataFrame(columns=["edges", "vertices", "regions", "images"]))
    assert [labels[name] for name in ("edges", "vertices", "regions")] == [
        "edges, mean per image",
        "vertices, mean per image",
        "regions, mean per image",
    ]
    assert value_labels(pd.DataFrame(columns=["edges", "size"]))["edges"] == "edges"


def test_a_table_without_classes_has_no_class_columns():
    assert class_columns(pd.DataFrame(columns=["backend", "AP", "AP50", "ms", "images"])) == []
    assert class_columns(pd.DataFrame(columns=["backend", "round_ms"])) == []


def test_intervals_of_few_images_and_rounds_are_left_out():
    few = {"change": 0.1, "change_low": 0.0, "change_high": 0.2, "images": LEAST_IMAGES - 1}
    assert values_without_meaning(few) == {"change_low", "change_high"}
    assert values_without_meaning(few | {"images": LEAST_IMAGES}) == set()
    speeds = {"speedup": 2.0, "speedup_low": 2.0, "speedup_high": 2.0}
    left_out = values_without_meaning(speeds | {"verdict": TOO_FEW_ROUNDS})
    assert left_out == {"speedup_low", "speedup_high"}
    assert values_without_meaning(speeds | {"verdict": "faster"}) == set()


def test_quartiles_of_one_time_are_left_out():
    one = {"round_ms": 3.0, "round_ms_q1": 3.0, "round_ms_q3": 3.0}
    assert values_without_meaning(one) == {"round_ms_q1", "round_ms_q3"}
    assert values_without_meaning(one | {"round_ms_q3": 4.0}) == set()
