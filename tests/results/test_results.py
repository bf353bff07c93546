"""The tables in results/ follow from the records there. (The pages that show them: ``tests/docs``.)"""

from itertools import product
from pathlib import Path

import pytest

from bench.paths import TRAINED_MODELS
from bench.report.pages.study_report import write_study_report
from bench.report.tables.shown_columns import shown_columns_markdown
from bench.report.tables.study_tables import study_tables
from bench.runner import records
from bench.runner.records_of_runs import read_runs
from bench.runner.study_file import read_study
from models.model_folder import weights_digest

ROOT = Path(__file__).parents[2]
STUDIES = sorted(path.parent for path in (ROOT / "results").glob("*/records.jsonl"))


def tables_of(folder):
    """All tables of a study's committed records, as its report has them."""
    return study_tables(read_runs([folder]), read_study(folder.name).goals)


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_committed_pages_follow_from_the_committed_records(folder, tmp_path):
    for figure in folder.glob("*.png"):
        (tmp_path / figure.name).touch()  # a page shows the figures that lie beside it
    found, goals = read_runs([folder]), read_study(folder.name).goals
    write_study_report(tmp_path, found, goals, figures=())
    made = {path.name for path in tmp_path.iterdir() if path.suffix != ".png"}
    assert {path.name for path in folder.glob("*.csv")} | {"report.md"} == made
    for name in made:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_tables_on_pages_have_at_most_seven_columns(folder):
    for name, table in tables_of(folder).items():
        heading = shown_columns_markdown(name, table).splitlines()[0]
        assert heading.count("|") - 1 <= 7, heading


def records_of(study):
    return records.read(ROOT / "results" / study / "records.jsonl")


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_committed_records_name_the_committed_weights(folder):
    for record in records.read(folder / "records.jsonl"):
        if record.cell.model:
            assert record.hashes["weights"] == weights_digest(TRAINED_MODELS / record.cell.model)


def scores_of(study):
    """The scores of every record that has some, by method and linkage."""
    return {
        (record.cell.backend, record.cell.linkage): record.scores
        for record in records_of(study)
        if record.scores
    }


@pytest.mark.parametrize(("name", "images"), [("default", 32), ("scenes", 200), ("nuclei", 109)])
def test_every_cell_of_a_study_is_done_and_right_on_all_images(name, images):
    study = read_study(name)
    found = {
        (record.cell.backend, record.cell.linkage, record.cell.scope): record
        for record in records_of(name)
        if record.cell.backend not in study.scored_alone
    }
    fast = set(product(study.backends, study.linkages, ["maps", "crops"]))
    assert found.keys() == fast | {(study.reference, name, "crops") for name in study.linkages}
    for record in found.values():
        assert record.state == "done" and len(record.images) == images
        assert all(image.identical is True for image in record.images)


@pytest.mark.skipif(
    not (ROOT / "results" / "speed").exists(), reason="the speed study is not among the results"
)
def test_every_row_of_the_speed_study_is_done_and_ours_are_right():
    found = records.read(ROOT / "results" / "speed" / "records.jsonl")
    study = read_study("speed")
    splits = {record.cell.split for record in found}
    assert set(study.fields.noises) <= splits <= set(study.fields.groups)
    assert {record.cell.backend for record in found} == {
        study.reference,
        *study.backends,
        *study.third_party,
    }
    for record in found:
        if record.state == "unsupported":
            assert record.computes and record.cell.split in study.fields.families
            continue
        if record.computes and record.state == "failed":
            assert record.cell.split in study.fields.families and record.reason
            continue
        assert record.state == "done" and record.images
        for image in record.images:
            assert image.identical is (None if record.computes else True)
            assert len(image.seconds) in (1, study.rounds)


def test_the_merge_beats_components_and_oracles_score_high():
    scores = scores_of("scenes")
    ap = {method: found["ap"] for method, found in scores.items()}
    assert scores["c", "average"]["num_images"] >= 200
    assert ap["c", "average"] >= max(0.45, ap["components", None] + 0.15)
    assert min(ap for ap, _ in scores["c", "average"]["per_class"].values()) >= 0.15
    assert ap["truth", "average"] >= 0.95
    assert ap["truth components", None] <= 0.55


def test_on_nuclei_the_merge_beats_components():
    at_half = {method: found["object_accuracy"][0] for method, found in scores_of("nuclei").items()}
    assert at_half["c", "average"] >= max(0.75, at_half["components", None] + 0.1)
    assert at_half["truth", "average"] >= 0.95


@pytest.mark.parametrize("study", ["default", "nuclei"])
def test_average_has_a_higher_ap_than_weighted_as_the_readme_says(study):
    scores = scores_of(study)
    assert scores["c", "average"]["ap"] > scores["c", "weighted"]["ap"]


def records_of_rows(study):
    """The record of each row of a study, merged by ``c`` on whole images, by the row's name."""
    return {
        record.cell.row: record
        for record in records_of(study)
        if record.cell.backend == "c" and record.cell.scope == "maps"
    }


@pytest.mark.parametrize(
    ("study", "row", "sign"),
    [
        ("table2", "PAR", 1),
        ("table2", "PAR, RR", 1),
        ("table2", "PAR, RR, FLM 2", 0),
        ("table2", "PAR, RR, FLM 4", -1),
        ("table2", "PAR, RR, FLM 2, SCP", 1),
        ("table3", "strides 4, 8", 1),
        ("table3", "strides 8, 4", 1),
        ("table3", "strides 4, 4", 1),
        ("table3", "4, 4, SHF", 0),
        ("table3", "4, 4, IHF", 1),
        ("table3", "4, 4, SHF, IHF, SCR", 0),
        ("causes", "noise 2, FLM 2", 1),
    ],
)
def test_strategies_change_ap_as_docs_results_says(study, row, sign):
    """1: AP rises by more than chance, -1: it falls, 0: neither."""
    change = records_of_rows(study)[row].change
    assert (change.low > 0) - (change.high < 0) == sign


def test_scp_raises_ap_of_all_classes_but_bicycles():
    found = records_of_rows("table2")
    before, after = (
        found[row].scores["per_class"] for row in ("PAR, RR, FLM 2", "PAR, RR, FLM 2, SCP")
    )
    assert {name for name in after if after[name][0] <= before[name][0]} == {"bicycle"}
