"""The notes below a table explain what the table has, and nothing else."""

import numpy as np
import pandas as pd

from bench.report.pages.notes import (
    TIME_OF_IMAGES,
    ablation_notes,
    accuracy_notes,
    speed_accuracy_notes,
    speed_notes,
)
from bench.report.pages.page import Page
from merge_impls.measurement_statistics import LEAST_IMAGES

ABLATION = {
    "row": "plain",
    "linkage": "average",
    "against": "bare",
    "backend": "c",
    "computes": "",
    "paper": np.nan,
    "change": np.nan,
    "images": LEAST_IMAGES,
    "ms": np.nan,
    "identical": "NO",
    "identical_to": "networkx on crops of 8x16",
}


def test_times_are_explained_only_where_there_are_times():
    untimed = pd.DataFrame([SPEED | {"ms": np.nan, "speedup": np.nan}])
    assert TIME_OF_IMAGES in speed_accuracy_notes(pd.DataFrame([SPEED]))
    assert TIME_OF_IMAGES not in speed_accuracy_notes(untimed)


def notes_of(**changes):
    return "\n".join(ablation_notes(pd.DataFrame([ABLATION | changes])))


SPEED = {
    "backend": "c",
    "linkage": "average",
    "scope": "maps",
    "ms": 10.0,
    "speedup": 2.0,
    "speedup_over": "heap on maps",
    "noise_floor": np.nan,
    "verdict": "",
    "warnings": "",
    "identical": "yes",
}


def notes_of_speed(**changes):
    return speed_accuracy_notes(pd.DataFrame([SPEED | changes]))


def test_a_table_without_figures_has_no_notes():
    assert notes_of() == ""


def test_each_note_of_an_ablation_needs_its_column():
    assert "AP in the paper" in notes_of(paper=0.2)
    assert "bootstrap" in notes_of(change=0.1) and "paper" not in notes_of(change=0.1)
    assert "no interval" not in notes_of(change=0.1)
    assert "no interval" in notes_of(change=0.1, images=LEAST_IMAGES - 1)
    assert "no interval" not in notes_of(images=LEAST_IMAGES - 1)
    assert "merge(problem)" in notes_of(ms=3.0)
    assert notes_of(identical="yes") == (
        "The results of `c` equal those of networkx on crops of 8x16, bit for bit."
    )
    third_party = notes_of(computes="another rule")
    assert "- `c`: another rule" in third_party and "third-party" in third_party


def test_a_change_of_ap_from_another_linkage_is_said():
    bare = ABLATION | {"row": "bare", "against": ""}
    light = ABLATION | {"change": 0.1, "linkage": "weighted"}
    notes = "\n".join(ablation_notes(pd.DataFrame([bare, light])))
    assert "`plain` (linkage weighted) is compared with `bare` (linkage average)." in notes
    alike = "\n".join(ablation_notes(pd.DataFrame([bare, light | {"linkage": "average"}])))
    assert "Of another linkage" not in alike


def test_only_methods_and_scores_of_the_table_are_explained():
    table = pd.DataFrame([{"method": "c, heap"}, {"method": "components"}])
    (note,) = accuracy_notes(table)
    assert note.startswith("- `components`: ") and "\n" not in note
    assert accuracy_notes(table[:1]) == []
    assert "TP" in accuracy_notes(table[:1].assign(**{"score at 0.5": 0.5}))[0]


def test_a_method_with_several_rows_is_described_once():
    row = {
        "row": "GASP",
        "computes": "exact linkage",
        "backend": "GASP",
        "identical": "approximate",
    }
    assert notes_of(**row).count("- `GASP`: exact linkage") == 1
    table = pd.DataFrame([SPEED | row | {"peak_mib": 1.0, "agreement": 0.9}] * 3)
    assert "\n".join(speed_notes(table)).count("- `GASP`: exact linkage") == 1


def test_crops_and_speed_are_explained_where_they_are_shown():
    assert len(notes_of_speed(scope="maps", speedup=np.nan)) == 1
    notes = notes_of_speed(scope="crops", identical="approximate")
    assert len(notes) == 6
    assert notes[1].startswith("`2.00 × heap` in the column `speed` means 2.00 times as fast")
    assert "adjusted Rand" in notes[-1]


def test_the_noise_floor_and_doubtful_times_are_explained():
    assert "without an A/A measurement" in notes_of_speed()[3]
    assert "A/A measurement" in notes_of_speed(noise_floor=0.01)[3]
    assert notes_of_speed(warnings="busy machine: 50%")[4] == (
        "- Doubtful times: busy machine: 50%: `c / average / maps`"
    )


def test_a_warning_of_all_times_is_one_sentence():
    rows = [
        SPEED | {"warnings": "few rounds: 3"},
        SPEED | {"warnings": "few rounds: 3; wide spread: 60%"},
    ]
    note = speed_accuracy_notes(pd.DataFrame(rows))[4]
    assert note.splitlines() == [
        "- All times are doubtful: few rounds: 3",
        "- Doubtful times: wide spread: 60%: `c / average / maps`",
    ]


def test_a_page_links_the_csv_and_repeats_no_note(tmp_path):
    page, frame = Page("Title"), pd.DataFrame([{"goal": "speed", "must": "≥ 1"}])
    for name in ("goals", "goals"):
        page.add_table("Goals", name, frame, ["a note"])
    page.write(tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text()
    assert text.count("[goals.csv](goals.csv)") == 2 and text.count("a note") == 1
