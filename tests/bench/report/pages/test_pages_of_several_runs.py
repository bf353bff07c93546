"""Pages that show several runs, a comparison of two runs, or what the conformance kit checked."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner

from bench import cli, paths
from bench.runner import records
from merge_impls.conformance.verdict_record import FORMAT


def run(*arguments):
    return CliRunner().invoke(cli.main, [str(each) for each in arguments])


def text_of(path):
    return path.read_text(encoding="utf-8")


def speed_of_two_families(folder):
    """The records of the study "speed" for two of its families, whose figures have few panels."""
    found = records.read(paths.RESULTS / "speed" / "records.jsonl")
    folder.mkdir(parents=True)
    some = [record for record in found if record.cell.split in ("mild", "star")]
    records.write(folder / "records.jsonl", some)
    return folder


def test_runs_share_a_page_and_have_other_files_apart(tmp_path):
    folders = [paths.RESULTS / name for name in ("linkage", "nuclei")]
    folders.append(speed_of_two_families(tmp_path / "runs" / "speed"))
    out = tmp_path / "new"
    outcome = run("report", *folders, "--out", out, "--format", "html,csv")
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in out.iterdir()} == {
        "report.html",
        "linkage",
        "nuclei",
        "speed",
    }
    assert (out / "nuclei" / "accuracy.csv").exists()
    page = text_of(out / "report.html")
    assert "3 runs of " in page
    for title in ("All runs", "Study linkage", "Study nuclei", "Study speed"):
        assert f'class="part">{title}</h2>' in page
    assert all(f"<code>{name}</code>: " in page for name in ("linkage", "nuclei", "speed"))
    identifiers = re.findall(r' id="([^"]+)"', page)
    assert len(identifiers) == len(set(identifiers))
    links = set(re.findall(r'href="#((?:part|row)-[^"]+)"', page))
    assert all(any(f"row-{name}-" in link for link in links) for name in ("scaling", "families"))
    assert links <= set(identifiers)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', page)) <= set(identifiers)


def test_other_runs_of_one_study_have_the_names_of_their_folders(tmp_path):
    found = records.read(paths.RESULTS / "linkage" / "records.jsonl")
    elsewhere = [replace(each, machine={"processor": "Z80", "cores": 1}) for each in found]
    elsewhere = [replace(each, cell=replace(each.cell, dataset="other")) for each in elsewhere]
    for name, each in (("a", found), ("b", elsewhere)):
        (tmp_path / name).mkdir()
        records.write(tmp_path / name / "records.jsonl", each)
    outcome = run(
        "report", tmp_path / "a", tmp_path / "b", "--format", "html", "--out", tmp_path / "new"
    )
    assert outcome.exit_code == 0, outcome.output
    page = text_of(tmp_path / "new" / "report.html")
    assert (
        "2 runs of 2 machines" in page
        and "runs of one machine" not in page
        and "Z80, 1 cores" in page
    )
    assert f"Study {tmp_path}/a" in page and f"Study {tmp_path}/b" in page
    twice = run("report", tmp_path / "a", tmp_path / "a", "--format", "html")
    assert twice.exit_code == 2 and "a folder is given twice" in twice.output


def test_runs_of_one_study_on_two_machines_share_their_tables(tmp_path):
    folder = paths.RESULTS / "default"
    found = records.read(folder / "records.jsonl")
    machine = {"processor": "Z80", "cores": 1}
    records.write(
        tmp_path / "records.jsonl",
        [replace(each, machine=machine).with_key() for each in found],
    )
    new = tmp_path / "new"
    outcome = run("report", folder, tmp_path, "--format", "html,csv", "--out", new)
    assert outcome.exit_code == 0, outcome.output
    assert {"report.html", "speed_accuracy.csv"} <= {path.name for path in new.iterdir()}
    table = pd.read_csv(new / "speed_accuracy.csv")
    one = pd.read_csv(folder / "speed_accuracy.csv")
    assert len(table) == 2 * len(one) and set(table["machine"]) == {1, 2}
    assert "machine 2: processor Z80" in text_of(new / "report.html")


def verdict_file(path, **changes):
    checks = [
        {"name": "worked/a", "state": "passed", "message": ""},
        {"name": "worked/b", "state": "failed", "message": "label 3 < 4\nat pixel 7"},
        {"name": "laws/c", "state": "skipped", "message": "3 dimensions are not declared"},
    ]
    checks = [each | {"examples": 2, "seconds": 0.5, "file": None} for each in checks]
    verdict = {
        "format": FORMAT,
        "conforms": False,
        "passed": False,
        "backend": {"name": "mine", "version": "1.0", "approximate": []},
        "reference": "networkx 0.1",
        "profile": "ci",
        "only": None,
        "examples": 20,
        "seed": 0,
        "versions": {"hypothesis": "6"},
        "machine": {"cores": 2},
        "checks": checks,
    }
    path.write_text(json.dumps(verdict | changes))
    return path


def test_a_page_says_what_was_checked_and_what_failed(tmp_path):
    verdict = verdict_file(tmp_path / "mine.json")
    folder = paths.RESULTS / "linkage"
    outcome = run("report", folder, "--format", "html", "--out", tmp_path, "--conformance", verdict)
    assert outcome.exit_code == 0, outcome.output
    page = text_of(tmp_path / "report.html")
    assert "Conformance of mine 1.0" in page
    assert "no: 1 of 3 checks did not end as they should" in page
    assert "<code>worked</code>: 2 checks, 4 examples." in page
    assert "<code>worked/b</code>: failed: label 3 &lt; 4" in page
    assert "1 check skipped: 3 dimensions are not declared" in page
    assert page.index('data-search="worked/b"') < page.index('data-search="worked/a"')


@pytest.mark.parametrize("changes", [{"format": "another"}, {"checks": []}])
def test_a_file_without_checks_is_refused_in_one_line(changes, tmp_path):
    verdict = verdict_file(tmp_path / "mine.json", **changes)
    folder = paths.RESULTS / "linkage"
    outcome = run("report", folder, "--format", "html", "--out", tmp_path, "--conformance", verdict)
    assert outcome.exit_code == 2 and "write it with merge-impls validate" in outcome.output
    assert len(outcome.output.splitlines()) == 1


def test_checks_are_refused_without_the_html_page(tmp_path):
    verdict = verdict_file(tmp_path / "mine.json")
    outcome = run("report", paths.RESULTS / "linkage", "--conformance", verdict)
    assert outcome.exit_code == 2 and "add --format html" in outcome.output


def slower_run(folder, factor):
    """The records of the study "default" with all times multiplied, and its AP lowered by 0.01."""

    def change(record):
        images = [
            replace(each, seconds=[factor * time for time in each.seconds])
            for each in record.images
        ]
        scores = record.scores and {**record.scores, "ap": record.scores["ap"] - 0.01}
        return replace(record, images=images, scores=scores)

    found = records.read(paths.RESULTS / "default" / "records.jsonl")
    folder.mkdir()
    records.write(folder / "records.jsonl", map(change, found))
    return folder


def test_a_page_of_two_runs_says_what_is_slower(tmp_path):
    slow = slower_run(tmp_path / "slow", 2)
    page = tmp_path / "new" / "page.html"
    outcome = run(
        "compare", paths.RESULTS / "default", slow, "--html", page, "--fail-if", "slower:5%"
    )
    assert outcome.exit_code == 5, outcome.output
    text = text_of(page)
    assert "c, average, val, maps: slower, 2.00 times the time of A" in text
    assert "c, average, val, maps: -0.0100." in text
    faster = text[text.index("What is faster in B?") : text.index("Where did AP change?")]
    assert "No cell." in faster
    assert text.count(">exceeded") > 3 and f"compare {paths.RESULTS / 'default'} {slow}" in text


def test_parquet_and_latex_have_the_rows_of_the_csv(tmp_path):
    formats = "csv,parquet,latex"
    outcome = run("report", paths.RESULTS / "default", "--format", formats, "--out", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    for name in ("speed_accuracy", "accuracy", "measurements"):
        frames = [
            pd.read_csv(tmp_path / f"{name}.csv"),
            pd.read_parquet(tmp_path / f"{name}.parquet"),
        ]
        assert [*frames[0].columns] == [*frames[1].columns] and len(frames[0]) == len(frames[1])
    latex = text_of(tmp_path / "accuracy.tex")
    rows = [line for line in latex.splitlines() if line.endswith("\\\\")]
    assert len(rows) == 1 + len(pd.read_csv(tmp_path / "accuracy.csv"))
    measured = pd.read_csv(tmp_path / "measurements.csv")
    found = records.read(paths.RESULTS / "default" / "records.jsonl")
    assert len(measured) == sum(len(record.images) for record in found) > 0
