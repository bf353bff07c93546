"""The tables of a study of generated fields: speedups, goals, and exponents of power laws."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.report.figures.time_against_edges import plot_time_against_edges
from bench.report.tables.family_speeds import family_speeds_table
from bench.report.tables.field_measurements import largest_common_size
from bench.report.tables.formats import to_markdown
from bench.report.tables.goals import goals_table
from bench.report.tables.graph_families import (
    cpu_time_growths,
    families_table,
    worst_families_table,
)
from bench.report.tables.speed_by_method import speed_by_method_table
from bench.report.tables.speed_study import speed_study_tables
from bench.report.tables.table_files import write_csv
from bench.report.tables.time_against_edges import (
    SIZES_TO_FIT,
    fit_exponent,
    time_against_edges_table,
)
from bench.runner.study_file import read_study
from tests.bench.study_helpers import example_record, measured

GOALS = read_study("speed").goals
GRID = 1000
GASP = "bioimage-cpp GASP mean"


def record(backend="c", seconds=(1.0,), linkage="average", noise="mild", threads=1, **changes):
    """A record of one field, or of the fields ``images``."""
    cell = {"dataset": "fields", "split": noise, "model": None, "backend": backend}
    computes = changes.pop("computes", "")
    defaults = {
        "computes": computes,
        "identical_to": "" if computes else "heap",
        "images": [image(seconds=seconds, third_party=bool(computes))],
        "scores": None,
        "hashes": {"fields": "0"},
    }
    cell |= {"linkage": linkage, "threads": threads}
    return example_record(cell, **(defaults | changes))


def image(
    name="512x1024", seconds=(1.0,), edges=100, identical=True, third_party=False, peak=2 * GRID
):
    return measured(
        name=name,
        edges=edges,
        seconds=list(seconds),
        # The call alone takes half the time. For a third-party method, only the call counts.
        call_seconds=[each / 2 for each in seconds],
        peak_bytes=peak,
        input_bytes=GRID,
        identical=None if third_party else identical,
        agreement=0.75 if third_party else None,
    )


def goal_row(words, *found):
    table = goals_table(found, GOALS, time_against_edges_table(found)).set_index("goal")
    (name,) = [name for name in table.index if words in name]
    return table.loc[name]


def test_speed_is_the_median_of_ratios_within_a_round():
    heap, c = record("heap", [8, 9, 100]), record("c", [1, 3, 10])
    row = speed_by_method_table([heap, c], "mild").iloc[1]
    assert row["speedup"] == 8 and row["speedup_over"] == "heap"
    assert (row["round_ms"], row["round_ms_q1"], row["round_ms_q3"]) == (3000, 2000, 6500)


def test_a_third_party_method_s_time_is_that_of_its_call():
    heap, third_party = record("heap", [8.0]), record("other", [4.0], computes="another rule")
    row = speed_by_method_table([heap, third_party], "mild").iloc[1]
    assert (row["round_ms"], row["all_ms"], row["speedup"]) == (2000, 4000, 4)
    assert (row["identical"], row["agreement"], row["computes"]) == (
        "approximate",
        0.75,
        "another rule",
    )
    assert " 0.750 |" in to_markdown(speed_by_method_table([heap, third_party], "mild"))


@pytest.mark.parametrize(
    "changes",
    [
        {"images": [image(identical=False)]},
        {"images": [image(identical=None)]},
        {"state": "disagreed", "reason": "merge 3"},
        {"state": "unavailable", "reason": "nowhere", "images": []},
    ],
)
def test_a_wrong_result_has_no_time_in_any_table(changes):
    found = [record("heap"), record(**changes), record(linkage="weighted")]
    assert np.isnan(
        speed_by_method_table(found, "mild").loc[1, ["round_ms", "speedup"]].astype(float)
    ).all()
    assert goal_row("c weighted, time", *found)["reached"] == "not measured"


def test_rows_are_compared_on_the_largest_field_that_all_merged():
    small, large = image("16x32", [1]), image("32x64", [2])
    both, one = record(images=[small, large]), record("numba", images=[small])
    assert largest_common_size([both, record("absent", images=[])]) == "32x64"
    assert largest_common_size([both, one]) == "16x32"
    assert speed_by_method_table([both, one], "mild")["round_ms"].tolist() == [1000, 1000]


def test_noises_and_linkages_have_rows_of_their_own():
    found = [
        record(backend, [time], linkage, noise)
        for noise, factor in (("mild", 1), ("strong", 10))
        for linkage in ("average", "weighted")
        for backend, time in (("heap", 4 * factor), ("c", factor))
    ]
    strong = speed_by_method_table(found, "strong")
    assert strong["linkage"].tolist() == ["average"] * 2 + ["weighted"] * 2
    assert strong["round_ms"].tolist() == [40000, 10000] * 2
    assert strong["speedup"].tolist() == [1, 4] * 2


def test_a_goal_is_a_ratio_within_rounds_and_counts_a_call_alone():
    found = [record("c", [1, 2]), record(GASP, [140, 200], computes="another")]
    row = goal_row(GASP, *found)
    assert row["mild"] == 60 and row["reached"] == "aim"


@pytest.mark.parametrize(
    ("mild", "strong", "reached"),
    [(1.2, 1.3, "aim"), (1.2, 1.9, "must"), (2.1, 1, "MISSED"), (1, None, "not measured")],
)
def test_the_worse_noise_decides_whether_a_goal_is_reached(mild, strong, reached):
    found = []
    for noise, time in (("mild", mild), ("strong", strong)):
        found.append(record(noise=noise))
        if time:
            found.append(record(noise=noise, linkage="weighted", seconds=[time]))
    assert goal_row("c weighted, time", *found)["reached"] == reached


@pytest.mark.parametrize(("two", "reached"), [(0.5, "aim"), (0.7, "must"), (1.0, "MISSED")])
def test_a_goal_with_a_lower_bound_is_missed_below_it(two, reached):
    found = [record(), record(threads=2, seconds=[two])]
    assert goal_row("2 threads", *found)["reached"] == reached
    assert goal_row("2 threads", *found)["mild"] == pytest.approx(1 / two)


def test_memory_is_given_in_uint16_grids():
    assert goal_row("peak memory", record())["mild"] == 2
    unknown = record(images=[image(peak=None)])
    assert goal_row("peak memory", unknown)["reached"] == "not measured"


def power_law_record(exponent, names=SIZES_TO_FIT, **changes):
    sizes = [10, 40, 170]
    images = [
        image(name, [size**exponent] * 2, edges=size)
        for name, size in zip(names, sizes, strict=False)
    ]
    return record(images=images, **changes)


@pytest.mark.parametrize("true", [0.9, 1.0, 1.1, 2.0])
def test_the_exponent_is_that_of_the_power_law_of_the_times(true):
    frame = time_against_edges_table([power_law_record(true)])
    assert fit_exponent(frame) == pytest.approx(true)
    assert goal_row("c average, exponent", power_law_record(true))["mild"] == pytest.approx(true)


def test_without_all_the_sizes_of_the_goal_there_is_no_exponent():
    assert np.isnan(fit_exponent(time_against_edges_table([power_law_record(1, SIZES_TO_FIT[:2])])))
    assert (
        goal_row("c average, exponent", power_law_record(1, SIZES_TO_FIT[:2]))["reached"]
        == "not measured"
    )


def test_only_rows_of_several_sizes_on_one_thread_are_scaled():
    found = [
        power_law_record(1),
        record("numba"),
        power_law_record(1, threads=2),
        record(GASP, computes="another"),
    ]
    frame = time_against_edges_table(found)
    assert set(frame["backend"]) == {"c"} and frame["size"].tolist() == list(SIZES_TO_FIT)
    assert frame["ns_an_edge"].tolist() == pytest.approx([1e9] * 3)


def test_a_table_read_from_its_csv_is_the_same(tmp_path):
    found = [record("heap", [8.0]), power_law_record(1), record(GASP, [4.0], computes="another")]
    for name, frame in {
        "goals": goals_table(found, GOALS, time_against_edges_table(found)),
        "side": speed_by_method_table(found, "mild"),
        "scaling": time_against_edges_table(found),
    }.items():
        write_csv(frame, tmp_path / f"{name}.csv")
        assert to_markdown(pd.read_csv(tmp_path / f"{name}.csv")) == to_markdown(frame)


def test_a_plot_of_nothing_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no row of the table has a time"):
        plot_time_against_edges(time_against_edges_table([record()]), tmp_path / "plot.png")
    assert not list(tmp_path.iterdir())


def of_family(backend, seconds, family="star", **changes):
    """A record of a family, at sizes of 1000, 2000 and so on for each entry of ``seconds``."""
    sizes = [1000 * 2**number for number in range(len(seconds))]
    images = [
        measured(
            name=f"{size} edges",
            edges=2 * size,
            seconds=[each],
            cpu_seconds=[each],
            identical=True,
        )
        for size, each in zip(sizes, seconds, strict=True)
    ]
    return record(backend, noise=family, images=images, **changes)


def test_the_table_of_families_has_speeds_and_exponents():
    found = [of_family("heap", [1, 2, 4]), of_family("c", [1, 2**1.5, 8])]
    table = families_table(found)
    assert table["family"].tolist() == ["star"] * 2 and table["edges"].tolist() == [8000] * 2
    assert table["exponent"].tolist() == pytest.approx([1, 1.5])
    assert table["speedup"].tolist() == [1, 0.5]
    (growth, _) = cpu_time_growths(found)
    assert growth.edges == [2000, 4000, 8000]


def test_the_exponent_of_a_masked_out_family_is_against_its_size():
    (growth,) = cpu_time_growths([of_family("c", [1, 2], family="empty-mask")])
    assert growth.edges == [1000, 2000] and growth.exponent == pytest.approx(1)


def test_the_worst_family_is_that_of_the_lowest_speed_and_highest_exponent():
    found = [
        of_family("heap", [0.4, 0.8]),
        of_family("c", [0.1, 0.4]),
        of_family("heap", [0.1, 0.19], family="hubs"),  # too short to count as a speed
        of_family("c", [0.1, 0.8], family="hubs"),
    ]
    (row,) = worst_families_table(found).to_dict("records")
    assert (row["lowest_speed"], row["slow_family"]) == (2, "star")
    assert (row["highest_exponent"], row["steep_family"]) == (pytest.approx(3), "hubs")


def test_the_speed_on_a_family_is_that_on_its_largest_graph():
    found = [of_family("heap", [1, 8]), of_family("c", [1, 2])]
    (row,) = family_speeds_table(found).to_dict("records")
    largest = max(each.edges for each in found[0].images)
    assert row == {
        "family": "star",
        "largest": largest,
        "speedup_over": "heap",
        "c, average": 4,
    }


def test_a_wrong_result_on_the_largest_graph_has_no_speed():
    c = of_family("c", [1, 2])
    c = replace(c, images=[c.images[0], replace(c.images[1], identical=False)])
    (row,) = family_speeds_table([of_family("heap", [1, 8]), c]).to_dict("records")
    assert np.isnan(row["c, average"])


def test_records_of_families_are_in_no_table_of_noises():
    found = [record("heap"), record(), of_family("heap", [1, 2]), of_family("c", [1, 2])]
    tables = speed_study_tables(found, GOALS)
    assert list(tables) == ["goals", "speed_mild", "worst_families", "family_speeds", "families"]
    assert "star" not in tables["goals"]


def test_time_against_edges_needs_two_sizes():
    small, large = image("256x512"), image("512x1024", edges=400)
    assert "scaling" in speed_study_tables([record(images=[small, large])], ())
    again = record(images=[large, image("1024x2048", identical=False)])
    assert "scaling" not in speed_study_tables([again], ())
