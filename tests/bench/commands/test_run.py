"""``python -m bench run``: reports of a study, errors of one line, and exit codes for failures."""

import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.report.tables.terminal_tables import terminal_table
from bench.runner import records, study_file


@pytest.fixture(scope="module")
def invoke(street, tiny_model, tmp_path_factory):
    """A function that runs a study with the command. All calls share an affinity cache."""
    cache = tmp_path_factory.mktemp("cache")

    def run(study, out, *more):
        options = {"--root": street.root, "--model": tiny_model, "--cache": cache, "--out": out}
        arguments = [str(part) for option in options.items() for part in option]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(study_file, "read_study", lambda *_: study)
            return CliRunner().invoke(cli.main, ["run", "default", *arguments, *more])

    return run


@pytest.fixture(scope="module")
def good_run(invoke, small_study, tmp_path_factory):
    """The outcome and the report folder of a run with pictures and without failures."""
    out = tmp_path_factory.mktemp("good")
    study = replace(small_study, scored_alone=("components", "truth"), pictures=2)
    return invoke(study, out), out / "report"


@pytest.fixture(scope="module")
def report_again(good_run, street, tiny_model, small_study):
    """A function that writes the report of the good run again with the command, into another folder."""

    def run(out, *more):
        options = {"--root": street.root, "--model": tiny_model, "--out": out}
        arguments = [str(part) for option in options.items() for part in option]
        study = replace(small_study, pictures=2)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(study_file, "read_study", lambda *_: study)
            command = ["report", str(good_run[1]), "--cache", str(out / "cache")]
            return CliRunner().invoke(cli.main, [*command, *arguments, *more])

    return run


@pytest.fixture
def failed_run(good_run, invoke, small_study, plug_in, wrong, tmp_path):
    """The outcome and the report folder of a run in which one backend is wrong and another does not exist."""
    out = shutil.copytree(good_run[1].parent, tmp_path / "out")
    plug_in(liar=wrong)
    study = replace(small_study, backends=("c", "liar", "nowhere"))
    return invoke(study, out), out / "report"


def rows_of(markdown):
    """The cells of a Markdown table as lists; the first list is the heading."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set(row[0]) <= set(":-")]


def test_a_run_without_failures_exits_with_0_and_prints_its_table(good_run):
    outcome, report = good_run
    assert outcome.exit_code == 0, outcome.output
    table = pd.read_csv(report / "speed_accuracy.csv")
    assert terminal_table("speed_accuracy", table) in outcome.stdout
    assert str(report / "report.md") in outcome.stdout


def test_the_report_contains_all_files(good_run):
    _, report = good_run
    assert {path.name for path in report.iterdir()} == {
        "records.jsonl",
        "speed_accuracy.csv",
        "accuracy.csv",
        "object_sizes.csv",
        "report.md",
        "speed_accuracy.png",
        "pictures.png",
        "failures.png",
    }
    for picture in report.glob("*.png"):
        with Image.open(picture) as opened:
            opened.load()
            assert f"]({picture.name})" in (report / "report.md").read_text()


def test_the_report_holds_the_records_of_the_run(good_run):
    _, report = good_run
    found = records.read(report / "records.jsonl")
    assert found == records.read(report.parent / "records.jsonl")
    assert {record.state for record in found} == {"done"}


def test_the_scores_are_those_of_the_official_evaluator(good_run):
    _, report = good_run
    scores = {
        record.cell.backend: record.scores
        for record in records.read(report / "records.jsonl")
        if record.cell.linkage in ("average", None) and record.cell.scope == "maps"
    }
    assert "cityscapesScripts" in scores["c"]["evaluator"] and scores["c"]["num_images"] == 2
    assert scores["truth"]["ap"] > 0.5 > scores["c"]["ap"]


def test_the_markdown_table_agrees_with_the_csv(good_run):
    _, report = good_run
    heading, *rows = rows_of((report / "report.md").read_text())
    table = pd.read_csv(report / "speed_accuracy.csv")
    shown = rows[: len(table)]
    assert len(table) == 4
    for row, (_, own) in zip(shown, table.iterrows(), strict=True):
        cells = dict(zip(heading, row, strict=True))
        assert (cells["backend"], cells["linkage"]) == (own.backend, own.linkage)
        assert cells["AP"] == ("–" if pd.isna(own.AP) else f"{own.AP:.3f}")
        median, *_ = cells["ms to merge one image: median (quartiles)"].split()
        assert float(median) == pytest.approx(own.ms, rel=0.01)
        assert cells["result"].startswith("same as ")


def test_a_report_drawn_again_from_its_records_is_the_same(good_run, report_again, tmp_path):
    assert report_again(tmp_path, "--pictures").exit_code == 0
    again = {path.name for path in tmp_path.iterdir() if path.is_file()}
    assert again == {path.name for path in good_run[1].iterdir()} - {"records.jsonl"}
    for name in again:
        assert (tmp_path / name).read_bytes() == (good_run[1] / name).read_bytes(), name


def test_times_are_compared_with_the_baseline_of_the_command(
    good_run, invoke, report_again, small_study, tmp_path
):
    out = shutil.copytree(good_run[1].parent, tmp_path / "out")
    study = replace(small_study, scored_alone=("components", "truth"), pictures=2)
    assert invoke(study, out, "--baseline", "c").exit_code == 0
    assert report_again(tmp_path / "again", "--baseline", "c").exit_code == 0
    for report in (out / "report-baseline-c", tmp_path / "again"):
        table = pd.read_csv(report / "speed_accuracy.csv").set_index("backend")
        assert set(table.loc["c", "speedup_over"]) == {"c on maps"}
        assert (table.loc["c", "speedup"] == 1).all()
    refused = report_again(tmp_path / "again", "--baseline", "components")
    assert (
        refused.exit_code == 2 and "among the methods of the report: c, networkx" in refused.stderr
    )


def test_a_report_may_keep_to_the_figures_that_are_present(report_again, tmp_path):
    (tmp_path / "speed_accuracy.png").touch()
    outcome = report_again(tmp_path, "--pictures", "--only-present")
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in tmp_path.glob("*.png")} == {"speed_accuracy.png"}
    assert (tmp_path / "speed_accuracy.png").stat().st_size > 0
    assert "pictures.png" not in (tmp_path / "report.md").read_text()


def test_a_report_of_a_folder_without_records_is_refused(tmp_path):
    outcome = CliRunner().invoke(cli.main, ["report", str(tmp_path)])
    assert outcome.exit_code == 2
    assert outcome.stderr.count("\n") == 1 and "records.jsonl holds no records" in outcome.stderr


def test_a_report_without_failures_has_no_section_of_failures(good_run):
    assert "went wrong" not in (good_run[1] / "report.md").read_text()


def test_a_run_with_a_wrong_backend_exits_with_1_and_prints_each(failed_run):
    outcome, _ = failed_run
    assert outcome.exit_code == 1, outcome.output
    errors = [line for line in outcome.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 4
    for error in errors:
        liar = re.search(
            r"liar, \w+, maps, crops: disagreed: .*history differs at merge 2: ", error
        )
        assert liar or "unavailable: no method of that name" in error


def test_a_report_lists_failures_and_gives_failed_backends_no_speed(failed_run):
    _, report = failed_run
    page = (report / "report.md").read_text()
    failures = page.split("## What went wrong")[1].split("##")[0].strip().splitlines()
    assert len(failures) == 4
    table = pd.read_csv(report / "speed_accuracy.csv").set_index("backend")
    assert table.loc[["liar", "nowhere"], ["ms", "speedup", "AP"]].isna().all(axis=None)
    assert table.loc["c", "ms"].notna().all() and (table.loc["c", "identical"] == "yes").all()
    assert (table.loc["liar", "identical"] == "NO").all()


def test_figures_of_an_earlier_run_are_removed(good_run, invoke, small_study, tmp_path):
    """The second run measures no times and draws no pictures, so their files must not remain."""
    out = shutil.copytree(good_run[1].parent, tmp_path / "out")
    outcome = invoke(replace(small_study, backends=("nowhere",), reference="absent"), out)
    assert outcome.exit_code == 3, outcome.output
    assert not list((out / "report").glob("*.png"))
    assert ".png" not in (out / "report" / "report.md").read_text()


def test_the_limit_reaches_the_runner(invoke, small_study, tmp_path):
    study = replace(small_study, linkages=("average",), scored_alone=())
    assert invoke(study, tmp_path, "--limit", "1").exit_code == 0
    for record in records.read(tmp_path / "records.jsonl"):
        assert len(record.images) == 1


def test_an_unknown_study_is_a_usage_error_that_names_the_studies():
    outcome = CliRunner().invoke(cli.main, ["run", "no such study"])
    assert outcome.exit_code == 2
    assert "there are 'causes', 'ceiling', 'default'" in outcome.stderr


def one_line_error(arguments):
    outcome = CliRunner().invoke(cli.main, [str(argument) for argument in arguments])
    assert outcome.exit_code == 2, outcome.output
    lines = [line for line in outcome.stderr.splitlines() if line]
    (line,) = [one for one in lines if "image/s]" not in one]  # all other lines are progress bars
    assert line.startswith("Error: ")
    return line


def test_a_missing_data_set_is_a_one_line_error(tiny_model, tmp_path):
    line = one_line_error(["run", "default", "--root", tmp_path, "--model", tiny_model])
    assert "holds no leftImg8bit folder" in line


def test_a_missing_model_is_a_one_line_error(street, tmp_path):
    place = ["--out", tmp_path, "--cache", tmp_path]
    line = one_line_error(["run", "default", "--root", street.root, "--model", "nowhere", *place])
    assert "model nowhere: is not a folder; take one of nuclei, scenes, or" in line


def test_a_damaged_record_is_named_in_a_line_and_measured_again(
    invoke, good_run, small_study, tmp_path
):
    out = shutil.copytree(good_run[1].parent, tmp_path / "out")
    kept, lines = records.read(out / "records.jsonl"), (out / "records.jsonl").read_bytes()
    (out / "records.jsonl").write_bytes(lines.replace(b'"done"', b'"dona"', 1))
    outcome = invoke(small_study, out)
    assert outcome.exit_code == 0, outcome.output
    assert re.search(
        r"^Warning: .*line 1: the checksum .*; measuring it", outcome.stderr, re.MULTILINE
    )
    again = records.read(out / "records.jsonl")
    assert {record.key for record in again} == {record.key for record in kept}


def test_scenes_with_other_settings_are_a_one_line_error(tmp_path):
    arguments = ["scenes", "--root", tmp_path, "--train", 0, "--val", 1, "--size", 64, 64]
    outcome = CliRunner().invoke(cli.main, [str(argument) for argument in arguments])
    assert outcome.exit_code == 0, outcome.output
    assert "seed" in one_line_error([*arguments, "--seed", 1])
