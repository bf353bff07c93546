"""A study of images with fields beside them: one run, one list of records, and one report."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from bench import cli
from bench.pipeline.config import PLAIN
from bench.report.tables.planned_cells import MERGED_TWICE
from bench.runner import records, study_file
from bench.runner.study import Study, StudyFields, Variant
from bench.runner.study_changes import StudyChanges, read_changed_study
from bench.runner.study_file import StudyError, read_study
from merge_impls.measurement_statistics import LEAST_IMAGES, LEAST_ROUNDS_OF_A_VERDICT

ROWS = (Variant("exact", PLAIN), Variant("local merge forced", PLAIN.replace(flm=2)))


@pytest.fixture
def study(short_study):
    """A study of two images, and of one tiny field."""
    size = (16, 32)
    fields = Study(
        name=short_study.name,
        source=StudyFields(("mild",), size, (size,)),
        linkages=("average",),
        backends=("c",),
        reference="heap",
        rounds=1,
    )
    return replace(short_study, variants=ROWS, field_study=fields)


@pytest.fixture
def invoke(street, tiny_model, study, monkeypatch, tmp_path, quick):
    monkeypatch.setattr(study_file, "read_study", lambda *_: study)
    options = {"--root": street.root, "--model": tiny_model, "--cache": tmp_path / "cache"}
    options["--out"] = tmp_path / "out"

    def run(*more):
        arguments = [str(part) for option in options.items() for part in option]
        return CliRunner().invoke(cli.main, ["run", "default", *arguments, *more])

    return run


def test_every_method_is_in_one_table_on_images_and_on_the_field(invoke, kruskal, tmp_path):
    first = invoke("--backend", kruskal)
    assert first.exit_code == 0, first.output
    (report,) = (tmp_path / "out").glob("report-with-*")
    found = records.read(report / "records.jsonl")
    assert {record.cell.dataset for record in found} == {"scenes", "fields"}
    lines = (report / "exactness.csv").read_text().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=False)) for line in lines[1:]]
    verdicts = {(row["data"], row["method"], row["row"]): row["identical"] for row in rows}
    assert verdicts["scenes", "c", "exact"] == "yes" == verdicts["mild 16x32", "c", ""]
    assert verdicts["scenes", "c", "local merge forced"] == "approximate"
    approximate = [verdict for (_, method, _), verdict in verdicts.items() if method == kruskal]
    assert approximate == ["approximate"] * 3
    assert float(next(row for row in rows if row["method"] == kruskal)["adjusted_rand"]) < 1
    page = (report / "report.md").read_text()
    assert all(f"## {name}" in page for name in ("Every method", "AP by row", "Side by side"))
    created = [record.created for record in found]
    assert invoke("--backend", kruskal).exit_code == 0
    again = records.read(report / "records.jsonl")
    assert [record.created for record in again] == created, "nothing is measured twice"


def test_the_plan_has_the_cells_of_images_and_of_fields(invoke):
    planned = invoke("--plan", "--baseline", "c")
    assert planned.exit_code == 0, planned.output
    assert "| scenes val" in planned.output and "| fields mild" in planned.output
    twice = [line for line in planned.output.splitlines() if MERGED_TWICE in line]
    assert len(twice) == 5 and all("| c " in line for line in twice), (
        "maps and crops of 2 rows, 1 field"
    )


def changed(**changes):
    return read_changed_study("exactness", None, StudyChanges(**changes))


def test_a_backend_joins_the_images_and_the_fields(kruskal):
    study = changed(backends=(kruskal,), rounds=2, only=("strong", "c"))
    assert kruskal in study.backends and kruskal in study.field_study.backends
    assert study.rounds == study.field_study.rounds == 2
    assert study.field_study.fields.groups == ("strong", "uniform-random")[:1]
    assert "c" in study.field_study.backends and "numba" not in study.field_study.backends


def test_fields_that_are_not_selected_are_left_out():
    study = changed(skip=("mild", "strong", "uniform-random"))
    assert study.field_study is None and study.variants


def test_mistakes_in_the_fields_are_one_line(tmp_path):
    text = (study_file.study_path("exactness")).read_text()
    for before, after, message in (
        ('noises = ["mild", "strong"]', 'noises = ["none"]', "fields.noises"),
        ("scaled = []", "scaled = []\ngoals = []", "fields"),
        ('families = ["uniform-random"]', 'families = ["nowhere"]', "'nowhere' is unknown"),
    ):
        assert text.count(before) == 1
        path = tmp_path / "exactness.toml"
        path.write_text(text.replace(before, after))
        with pytest.raises(StudyError, match=message) as caught:
            read_study(str(path))
        assert "\n" not in str(caught.value)


def test_exactness_has_enough_images_and_rounds_for_verdicts():
    study = read_study("exactness")
    assert study.images.limit >= LEAST_IMAGES
    assert study.field_study.rounds >= LEAST_ROUNDS_OF_A_VERDICT
    assert study.baseline == study.field_study.baseline == "heap"


def test_exactness_has_the_same_other_methods_on_images_and_on_fields():
    study = read_study("exactness")
    of_rows = {row.third_party for row in study.variants if row.third_party}
    assert of_rows == set(study.field_study.third_party)
    assert {study.field_study.reference, *study.field_study.backends} == set(study.backends)
