"""``python -m bench run`` with a study file and a backend of one's own, from an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import bench
from bench import cli
from bench.runner import records
from bench.runner.run_plan import OWN_RECORDS, TRIAL
from tests.bench.study_helpers import RIGHT

STUDY = """
noises = ["mild"]
linkages = ["average"]
size = [16, 32]
sizes = [[16, 32]]
reference = "heap"
backends = ["c", "needy"]
threads = [1]
scaled = []
third_party = []
rounds = 1
"""
NEEDY = """
from merge_impls import Backend
merge = Backend("needy", "wants a lot", "0.3", "needy_backend:run",
                requires=("a_module_that_is_nowhere",), install="pip install luck")
"""


@pytest.fixture
def run(tmp_path, monkeypatch, plug_in):
    """A function that runs a study of one tiny field in the current folder, which is otherwise empty."""
    plug_in(needy=NEEDY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    Path("tiny.toml").write_text(STUDY)

    def call(*options):
        arguments = ["run", "tiny.toml", "--out", "out", *options]
        return CliRunner().invoke(cli.main, arguments)

    return call


def test_an_optional_method_that_is_not_installed_fails_nothing(run):
    outcome = run("--skip", "c")
    assert outcome.exit_code == 0, outcome.output
    assert "not measured: needy: a_module_that_is_nowhere is not installed: pip" in outcome.stdout


def test_a_method_that_is_named_must_be_installed(run):
    outcome = run("--backend", "needy", "--only", "heap")
    assert outcome.exit_code == 3, outcome.output
    assert "needy, average, mild noise: unavailable: a_module_that" in outcome.stderr
    assert run("--backend", "nowhere_at_all:merge").exit_code == 3
    assert run("--backend", "nedy").exit_code == run("--set", "round=2").exit_code == 2


def test_only_studies_of_images_take_a_device_and_it_must_exist(run):
    outcome = run("--device", "cuda")
    assert outcome.exit_code == 2 and "--device has no effect" in outcome.stderr
    outcome = CliRunner().invoke(cli.main, ["run", "default", "--device", "tpu"])
    assert outcome.exit_code == 2
    assert outcome.stderr == "Error: device is 'tpu'; it must be 'cpu', 'cuda' or 'cuda:N'\n"


def test_a_plan_measures_nothing_and_says_what_is_there(run, tmp_path):
    before = run("--plan")
    assert before.exit_code == 0 and not (tmp_path / "out").exists()
    (line,) = [one for one in before.stdout.splitlines() if "| c " in one]
    assert line.split("|")[6:8] == [" 1          ", " 0       "] and "?" not in line
    assert "Merges to come: about " in before.stdout and "needy" in before.stdout
    assert f"The time rests on: {TRIAL} (" in before.stdout and "the load here is " in before.stdout
    assert run().exit_code == 0
    assert "Everything is there" in run("--plan").stdout
    again = run("--plan", "--fresh").stdout
    assert "Merges to come: about " in again and f"The time rests on: {OWN_RECORDS} (" in again


def test_a_limit_keeps_the_report_of_the_whole_study(run, tmp_path):
    assert run().exit_code == 0
    before = (tmp_path / "out" / "report" / "report.md").read_bytes()
    assert run("--rounds", "2").exit_code == 0
    assert (tmp_path / "out" / "report" / "report.md").read_bytes() == before
    assert (tmp_path / "out" / "report-rounds-2" / "report.md").exists()


def test_a_fresh_run_measures_again(run, tmp_path):
    assert run().exit_code == run("--fresh").exit_code == 0
    found = records.read(tmp_path / "out" / "records.jsonl")
    assert len(found) == 2 * len({record.key for record in found})


def test_a_module_beside_the_caller_is_measured(run, tmp_path):
    Path("mine.py").write_text(RIGHT)
    shell = os.environ | {"PYTHONPATH": str(Path(bench.__file__).parents[1])}
    command = ["run", "tiny.toml", "--out", "out", "--only", "heap", "--backend", "mine:merge"]
    command += ["--backend", "other=mine:merge"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", *command],
        cwd=tmp_path,
        env=shell,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for name in ("mine:merge", "other"):
        (line,) = [one for one in done.stdout.splitlines() if one.startswith(f"{name} ")]
        assert line.endswith("same result")
