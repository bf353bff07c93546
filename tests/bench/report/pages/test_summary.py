"""The summary says which results are exact, what was compared, and what the paper has."""

from dataclasses import replace

import pytest

from bench.report.pages.notes import ablation_notes
from bench.report.pages.summary import summarize_study
from bench.report.tables.shown_columns import shown_columns
from bench.report.tables.study_tables import study_tables
from bench.runner.record import ApChange
from tests.bench.report.tables.test_image_study import record
from tests.bench.report.tables.test_speed_study import record as field_record

ON_CROPS = "networkx on crops of 8x16"


def row(name, paper=None, against=None, change=0.1, **changes):
    """A record of a row with 10 images, whose AP changes by ``change`` from the row ``against``."""
    interval = ApChange(against, change, change - 0.05, change + 0.05, 1000) if against else None
    return replace(
        record(row=name, seconds=[[1.0]] * 10, identical_to=ON_CROPS, **changes),
        paper_ap=paper,
        change=interval,
    )


def summary_of(*found):
    return summarize_study(found, study_tables(found, goals=()))


def forced(name, **changes):
    return replace(row(name, **changes), strategy={"flm": 2})


def test_a_summary_counts_the_rows_that_are_approximate():
    wrong = summary_of(row("plain"), forced("FLM 2"))["What is wrong?"]
    compared = f"differs, bit for bit, from that of {ON_CROPS}; whole images were not compared."
    assert wrong[0].endswith(compared)
    assert wrong[1].startswith("1 row is approximate by forced local merge: `FLM 2`.")
    assert len(wrong) == 2 and len(summary_of(row("plain"))["What is wrong?"]) == 1


def test_the_comparison_of_whole_images_is_not_denied():
    found = replace(row("plain"), identical_to=f"{ON_CROPS}, heap on maps")
    (sentence,) = summary_of(found)["What is wrong?"]
    assert sentence.endswith(f"from that of {ON_CROPS}, heap.")


def test_a_summary_names_the_methods_that_were_not_compared():
    rough = record("kruskal", row="plain", computes="another rule", identical_to="")
    wrong = summary_of(row("plain"), rough)["What is wrong?"]
    assert wrong[1:] == ["1 approximate method was not compared bit for bit: `kruskal`."]


def test_no_study_of_images_times_networks_and_scoring():
    assert "networks" in summary_of(row("plain"))["What is not measured?"][-1]
    of_fields = replace(field_record("c"), hashes={"fields": "0"})
    fields = summary_of(of_fields)["What is not measured?"]
    assert not any("networks" in each for each in fields)


def test_the_fastest_rows_are_called_exact_or_approximate():
    quick = replace(forced("FLM 2"), images=record(seconds=[[0.5]] * 10).images)
    exact, rough, _ = summary_of(row("plain"), quick)["What is fastest?"]
    assert exact.startswith("Average linkage, exact: `plain` with")
    assert rough.startswith("Average linkage, approximate: `FLM 2 (approximate)` with")


def test_the_table_marks_rows_with_forced_local_merge():
    table = study_tables([row("plain"), forced("FLM 2")], goals=())["ablation"]
    (rows,) = (each.cells for each in shown_columns("ablation", table) if each.name == "row")
    assert rows == ["plain", "FLM 2 (approximate)"]
    assert table["row"].tolist() == ["plain", "FLM 2"]
    assert any(note.startswith("`(approximate)`") for note in ablation_notes(table))
    assert not any(note.startswith("`(approximate)`") for note in ablation_notes(table[:1]))


@pytest.mark.parametrize(
    ("paper", "words"),
    [(30.0, "+0.100, the same"), (10.0, "-0.100, the opposite"), (None, None)],
)
def test_a_change_of_ap_stands_beside_that_of_the_paper(paper, words):
    before, after = row("plain", paper=20.0), row("more", paper=paper, against="plain")
    (change,) = summary_of(before, after)["Which changes of AP are more than chance?"]
    assert ("in the paper" in change) == (words is not None)
    assert words is None or change.endswith(f"in the paper {words} direction.")


def test_few_images_are_said_to_be_too_few_to_tell_chance():
    few = [
        replace(each, images=each.images[:3])
        for each in (row("plain"), row("more", against="plain"))
    ]
    answers = summary_of(*few)
    for question in ("Which changes of AP are more than chance?", "What may be chance?"):
        sentence = answers[question][-1]
        assert (
            sentence.startswith("This study of 3 images cannot tell") and "interval" not in sentence
        )
    (none,) = summary_of(row("plain"))["Which changes of AP are more than chance?"]
    assert none == "No change of AP was measured."
