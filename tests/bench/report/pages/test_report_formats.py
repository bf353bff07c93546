"""The option ``--format`` of ``python -m bench report``, and the command that a page names."""

from html import unescape

import pytest
from click.testing import CliRunner

from bench import cli, paths
from bench.report.pages import format_libraries


def run(*arguments):
    return CliRunner().invoke(cli.main, ["report", str(paths.RESULTS / "linkage"), *arguments])


@pytest.mark.parametrize(
    ("formats", "files"),
    [
        ("html", {"report.html"}),
        ("csv", {"ablation.csv", "measurements.csv"}),
        ("latex,parquet", {"ablation.tex", "ablation.parquet", "measurements.parquet"}),
        ("csv,md", {"ablation.csv", "measurements.csv", "report.md", "ablation.png"}),
    ],
)
def test_a_format_writes_its_files_alone(formats, files, tmp_path):
    outcome = run("--out", str(tmp_path / "new"), "--format", formats)
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in (tmp_path / "new").iterdir()} == files


def test_the_page_names_the_command_that_wrote_it(tmp_path):
    assert run("--format", "html", "--out", str(tmp_path), "--only-present").exit_code == 0
    text = unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    given = f"report {paths.RESULTS / 'linkage'} --out {tmp_path} --format html --only-present"
    assert f">python -m bench {given}<" in text


def test_an_unknown_format_is_refused_before_anything_is_written(tmp_path):
    outcome = run("--format", "md,pdf", "--out", str(tmp_path / "new"))
    assert (
        outcome.exit_code == 2
        and "'pdf' is unknown; take one of md, html, csv, parquet, latex" in outcome.output
    )
    assert not (tmp_path / "new").exists()


def test_a_missing_library_is_one_line_that_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(
        format_libraries, "find_spec", lambda name: None if name == "itables" else name
    )
    outcome = run("--format", "html", "--out", str(tmp_path / "new"))
    assert outcome.exit_code == 3, outcome.output
    (line,) = outcome.output.splitlines()
    assert "itables" in line and "pip install '.[report]'" in line
    assert not (tmp_path / "new").exists()
