"""The tables of a study of images: wrong results have no speed, and speedups compare the same images."""

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from bench.report.tables.formats import to_markdown
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.report.tables.study_tables import study_tables
from bench.report.tables.table_files import write_csv
from bench.runner.record import Cell
from merge_impls.measurement_statistics import LEAST_IMAGES
from tests.bench.study_helpers import example_record, measured


def record(
    backend="c",
    linkage="average",
    seconds=None,
    identical=True,
    ap=0.4,
    cpu_seconds=None,
    again=None,
    **changes,
):
    """A record of the images a, b, c, ... seconds: for each image, the seconds of its rounds.

    cpu_seconds: in the same form; equal to ``seconds`` if they are not given. again: how often ``seconds`` a
    second process of the backend takes; None without an A/A measurement.
    """
    seconds = [[0.01], [0.02], [0.04]] if seconds is None else seconds
    scores = {"ap": ap, "ap50": 0.5, "per_class": {"car": [ap, 0.5], "train": [None, None]}}
    names = [field.name for field in fields(Cell)]
    cell = {name: changes.pop(name) for name in list(changes) if name in names}
    cell |= {"model": "scenes", "backend": backend, "linkage": linkage}
    images = zip("abcdefghij", seconds, cpu_seconds or seconds, strict=False)
    defaults = {
        "key": repr(cell),
        "images": [
            measured(
                name=name,
                seconds=wall,
                cpu_seconds=cpu,
                identical=identical,
                seconds_again=again and [again * one for one in wall],
            )
            for name, wall, cpu in images
        ],
        "identical_to": "networkx",
        "scores": None if ap is None else scores | {"num_images": 3},
    }
    return example_record(cell, **(defaults | changes))


def only_table_row(*records) -> pd.Series:
    [row] = speed_accuracy_table(records).itertuples()
    return row


def test_time_is_the_median_over_images_of_the_median_round():
    row = only_table_row(record(seconds=[[0.1, 0.3, 0.2], [0.1, 0.1, 9], [5, 0.9, 0.9]]))
    assert (row.ms, row.ms_q1, row.ms_q3) == pytest.approx((200, 150, 550))


@pytest.mark.parametrize(
    ("changes", "identical"),
    [
        ({"identical": False}, "NO"),
        ({"identical": None}, "not checked"),
        ({"state": "disagreed", "reason": "merge 3 differs"}, "NO"),
    ],
)
def test_a_row_that_is_not_identical_has_no_speed(changes, identical):
    reference = record("networkx", seconds=[[1.0]] * 3)
    row = speed_accuracy_table([reference, record(**changes)]).iloc[1]
    assert row["identical"] == identical
    assert row[["ms", "ms_q1", "ms_q3", "speedup"]].isna().all()
    assert row["AP"] == 0.4


def test_a_row_with_one_wrong_image_has_no_speed():
    wrong = record()
    wrong.images[1] = replace(wrong.images[1], identical=False)
    assert np.isnan(only_table_row(wrong).ms)


def test_a_backend_that_is_wrong_on_crops_has_no_speed_on_maps():
    crops = record(scope="crops", identical=False, ap=None)
    for records in ([crops, record()], [record(), crops]):
        row = only_table_row(*records)
        assert (row.identical, row.scope) == ("NO", "crops") and np.isnan(row.ms)


def test_times_are_not_divided_by_those_of_a_wrong_baseline():
    wrong = record("networkx", seconds=[[1.0]] * 3, identical=False)
    assert np.isnan(speed_accuracy_table([wrong, record()])["speedup"]).all()


def test_the_ratio_is_paired_by_image_and_on_common_images():
    # On the three images it is 10, 100 and 1000 times as fast. The ratio of the medians would be 50.
    reference = record("networkx", seconds=[[0.1], [20.0], [1.0]])
    fast = record("c", seconds=[[0.01], [0.02], [0.01], [7.0]])
    row = speed_accuracy_table([reference, fast]).iloc[1]
    assert (row["speedup"], row["speedup_over"]) == (pytest.approx(100), "networkx on maps")


def test_a_reference_on_crops_is_compared_on_crops():
    crops = record("networkx", seconds=[[3.0]] * 3, ap=None, scope="crops")
    own_crops = record("c", seconds=[[0.5]] * 3, ap=None, scope="crops")
    frame = speed_accuracy_table([crops, record("c", seconds=[[2.0]] * 3), own_crops])
    assert list(frame["backend"]) == ["networkx", "c"]
    assert list(frame["scope"]) == ["crops", "maps"]
    assert list(frame["speedup"]) == [1, 6]
    assert frame["ms"].iloc[1] == 2000


def test_every_row_is_compared_with_heap_on_its_own_images():
    seconds = {"maps": {"c": 0.1, "heap": 0.2}, "crops": {"c": 0.01, "heap": 0.03, "networkx": 3.0}}
    records = [
        record(backend, seconds=[[time]] * 3, scope=scope)
        for scope, of_scope in seconds.items()
        for backend, time in of_scope.items()
    ]
    frame = speed_accuracy_table(records).set_index("backend")
    assert frame["speedup"].to_dict() == pytest.approx({"c": 2, "heap": 1, "networkx": 0.01})
    over = {"c": "heap on maps", "heap": "heap on maps", "networkx": "heap on crops"}
    assert frame["speedup_over"].to_dict() == over


def rows_with(factors, again=1.02, rounds=3, images=LEAST_IMAGES, **changes):
    """The rows of heap and c, whose seconds on image i are those of heap times ``factors[i % len]``.

    again: how often the time of heap its second process takes; None without one. The machine is twice as
    slow in every other round.
    """
    heap = [
        [0.1 * (1 + image) * (1 + turn % 2) for turn in range(rounds)] for image in range(images)
    ]
    own = [[factors[image % len(factors)] * one for one in heap[image]] for image in range(images)]
    found = [record("heap", seconds=heap, again=again), record("c", seconds=own, **changes)]
    frame = speed_accuracy_table(found).set_index("backend")
    return frame.loc["heap"], frame.loc["c"]


@pytest.mark.parametrize(
    ("factors", "words"),
    [
        ([1.1, 1.2], "slower"),
        ([1.1], "slower"),
        ([0.8, 0.9], "faster"),
        ([0.9, 1.1], "indistinguishable"),
        ([1.0], "indistinguishable"),
        ([1.01], "indistinguishable"),  # less than the noise floor of 2 %
    ],
)
@pytest.mark.parametrize("rounds", [1, 3])
def test_a_verdict_needs_an_interval_beyond_the_noise_floor(factors, words, rounds):
    heap, c = rows_with(factors, rounds=rounds)
    assert (heap.verdict, c.verdict) == ("", words)
    assert c.noise_floor == pytest.approx(0.02)
    assert c.speedup_low <= c.speedup <= c.speedup_high
    assert np.isnan(heap.speedup_low) and heap.speedup == 1


def test_records_without_an_a_a_measurement_have_no_noise_floor():
    _, c = rows_with([1.01], again=None)
    assert c.verdict == "slower" and np.isnan(c.noise_floor)


def test_few_images_have_no_verdict_and_no_interval():
    _, c = rows_with([2.0], images=LEAST_IMAGES - 1)
    assert c.verdict == "too few images" and np.isnan(c.speedup_low) and c.speedup == 0.5


def test_a_wrong_result_has_no_verdict():
    _, c = rows_with([2.0], identical=False)
    assert (c.verdict, c.warnings) == ("", "") and np.isnan(c.speedup)


def test_the_ratio_of_an_image_is_paired_by_round():
    """The machine slows down in the second round; the ratio of both medians would be 2."""
    heap = record("heap", seconds=[[1.0, 2.0, 2.0]])
    c = record("c", seconds=[[0.25, 0.5, 1.0]])
    assert speed_accuracy_table([heap, c])["speedup"].iloc[1] == 4


def test_times_are_compared_with_the_baseline_that_is_named():
    versions = [
        record(name, seconds=[[time]] * 3) for name, time in (("heap", 2), ("v1", 1), ("v2", 4))
    ]
    table = study_tables(versions, (), "v1")["speed_accuracy"].set_index("backend")
    assert table["speedup"].to_dict() == {"heap": 0.5, "v1": 1, "v2": 0.25}
    assert set(table["speedup_over"]) == {"v1 on maps"}


def test_doubtful_times_are_named_in_words():
    cpu = [[0.01], [0.02], [0.02]]
    waiting = record(seconds=[[0.02], [0.04], [0.04]], cpu_seconds=cpu)
    assert only_table_row(waiting).warnings == "busy machine: 100% more wall time than CPU time"
    steady = record(seconds=cpu, cpu_seconds=cpu)
    assert only_table_row(steady).warnings == ""
    wide = record(seconds=[[0.1, 0.2, 0.3], [1, 2, 3], [4, 8, 12]])
    assert "wide spread: the quartiles differ by 100%" in only_table_row(wide).warnings


def test_linkages_are_not_compared_with_each_other():
    frame = speed_accuracy_table([record("networkx", "max"), record("c", "average")])
    assert np.isnan(frame["speedup"].iloc[1])


def test_the_last_record_of_a_key_counts():
    assert only_table_row(record(state="failed", reason="killed"), record()).note == ""


def test_the_reason_of_a_cell_that_did_not_run_is_noted():
    row = only_table_row(
        record(state="unavailable", reason="install numba", images=[], scores=None)
    )
    assert row.note == "unavailable: install numba"


def test_components_are_in_the_accuracy_table_only():
    baseline = record("components", "", seconds=[[], [], []], identical=None, ap=0.2)
    assert list(speed_accuracy_table([record(), baseline])["backend"]) == ["c"]
    assert list(accuracy_table([record(), baseline])["method"]) == ["c", "components"]


def test_a_merge_that_was_not_timed_has_ap_and_no_time():
    row = only_table_row(record(seconds=[[], [], []]))
    assert row.AP == 0.4 and np.isnan(row.ms) and np.isnan(row.speedup)


def test_backends_with_the_same_scores_share_a_row_of_accuracy():
    frame = accuracy_table([record("c"), record("numba"), record("odd", ap=0.3)])
    assert list(frame["method"]) == ["c, numba", "odd"]
    assert list(frame["car"]) == [0.4, 0.3] and frame["train"].isna().all()


def test_settings_are_shown_where_they_differ():
    frame = speed_accuracy_table([record(), record(dataset="cityscapes")])
    assert "dataset" in frame and "model" not in frame


@pytest.mark.parametrize("make", [speed_accuracy_table, accuracy_table])
def test_csv_and_markdown_agree(make, tmp_path):
    failed = record("gpu", state="unavailable", reason="no device", images=[], scores=None)
    reference = record("networkx", seconds=[[1.234567]] * 3, ap=None)
    frame = make([reference, record(), record(linkage="max", ap=1 / 3), failed])
    write_csv(frame, tmp_path / "table.csv")
    read = pd.read_csv(tmp_path / "table.csv")
    assert to_markdown(read) == to_markdown(frame)
    assert len(to_markdown(frame).splitlines()) == 2 + len(frame)
    assert "0.333" in to_markdown(frame)


def test_a_table_without_rows_is_an_error():
    with pytest.raises(ValueError, match="no rows"):
        to_markdown(speed_accuracy_table([]))
