"""``python -m bench export`` writes a zip file of a split without annotation, and checks it."""

import shutil
import zipfile

import pytest
from click.testing import CliRunner

from bench import cli
from bench.commands.export import default_zip_path
from bench.runner.study_file import find_variant


@pytest.fixture
def without_annotation(few_scenes, tmp_path):
    """The few scenes of train as the split test of a data set that holds no annotation."""
    shutil.copytree(few_scenes / "leftImg8bit" / "train", tmp_path / "data/leftImg8bit/test")
    return tmp_path / "data"


@pytest.fixture
def run_export(without_annotation, tiny_model, tmp_path):
    def run(*arguments):
        command = ["export", "--root", without_annotation, "--model", tiny_model]
        command += [
            "--cache",
            tmp_path / "cache",
            "--out",
            tmp_path / "test.zip",
            "--study",
            "scenes",
        ]
        return CliRunner().invoke(cli.main, [*map(str, command), *arguments])

    return run


def test_a_split_without_annotation_is_exported_and_checked(run_export, tmp_path):
    outcome = run_export()
    assert outcome.exit_code == 0, outcome.output
    assert "checked for 4 images; all 21 rules are kept" in outcome.output
    with zipfile.ZipFile(tmp_path / "test.zip") as archive:
        texts = [name for name in archive.namelist() if name.endswith("_pred.txt")]
        assert len(texts) == 4
        assert any(archive.read(name) for name in texts)


def test_a_file_that_breaks_rules_is_reported_with_exit_code_1(run_export, tmp_path):
    trial = run_export("--limit", "2")
    assert trial.exit_code == 0
    assert "a trial with 2 of the 4 images of test, which the server would refuse" in trial.stdout
    outcome = run_export("--check")
    assert outcome.exit_code == 1
    assert "checked for 4 images; 1 of 21 rules is broken, in 2 places" in outcome.stdout
    lines = outcome.stderr.splitlines()
    assert len(lines) == 2 and all("is missing; export without --limit" in line for line in lines)


def test_an_unknown_row_is_an_error_of_one_line(run_export):
    outcome = run_export("--study", "table3", "--row", "strides 8")
    assert outcome.exit_code == 2
    assert (
        "study table3 has no row 'strides 8': there are 'strides 8, 8', 'strides" in outcome.stderr
    )
    assert len(outcome.stderr.splitlines()) == 1


def test_the_name_of_the_file_says_what_it_holds():
    """So an export does not replace that of another split, row or model, nor a trial a whole export."""
    row = "4, 4, SHF, IHF, SCR"
    model = "runs/train/paper-resnet50/model"
    assert default_zip_path("scenes", "val", "paper-table3", row, model, None).name == (
        "scenes-val-paper-table3-4-4-SHF-IHF-SCR-paper-resnet50.zip"
    )
    assert default_zip_path("cityscapes", "test", "x/mine.toml", "", "scenes", 2).name == (
        "cityscapes-test-mine-scenes-first-2.zip"
    )


def test_the_default_row_is_the_last_one():
    variant = find_variant("table3", None, "cityscapes")
    assert variant == find_variant("table3", "4, 4, SHF, IHF, SCR", "cityscapes")
    assert variant.strategy.shf and variant.strategy.ihf


def test_a_row_that_copies_the_annotation_is_refused(run_export):
    outcome = run_export("--study", "ceiling")
    assert outcome.exit_code == 2 and "copies the annotation; take another row" in outcome.stderr
