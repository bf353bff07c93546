"""``python -m bench compare``: two folders of records."""

from dataclasses import replace

from click.testing import CliRunner

from bench import cli
from bench.runner import records
from tests.bench.study_helpers import example_record, measured


def folder_of_run(folder, factor=1.0, ap=0.5, again=None):
    """A run of c, and of heap with an A/A measurement whose second process is ``again`` times as slow."""
    images = [measured(name=str(number), seconds=[factor * (1 + number)]) for number in range(12)]
    record = example_record(images=images)
    record = replace(record, scores={**record.scores, "ap": ap})
    second = [replace(one, seconds_again=again and [again * one.seconds[0]]) for one in images]
    baseline = example_record({"backend": "heap"}, images=second, key="1" * 64)
    records.write(folder / "records.jsonl", [record, baseline])
    return str(folder)


def compare(*arguments):
    return CliRunner().invoke(cli.main, ["compare", *arguments])


def test_times_and_ap_of_two_runs_are_compared(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    a, b = folder_of_run(tmp_path / "a"), folder_of_run(tmp_path / "b", 1.1, ap=0.49)
    outcome = compare(a, b)
    assert outcome.exit_code == 0, outcome.output
    assert "c, average, val, maps" in outcome.stdout and "1.10 (1.10 to 1.10)" in outcome.stdout
    assert "slower" in outcome.stdout and "-0.0100" in outcome.stdout
    assert compare(a, b, "--fail-if", "slower:5%").exit_code == 5
    assert compare(a, b, "--fail-if", "slower:20%,ap:-0.005").exit_code == 5
    assert compare(a, a, "--fail-if", "slower:0%,ap:-0.005").exit_code == 0


def test_a_change_within_the_noise_floor_of_a_run_is_indistinguishable(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    a, b = folder_of_run(tmp_path / "a"), folder_of_run(tmp_path / "b", 1.1, again=1.2)
    for arguments in ((a, b), (a, b, "--backends", "c,c")):
        outcome = compare(*arguments, "--fail-if", "slower:5%")
        assert outcome.exit_code == 0, outcome.output
        assert "indistinguishable" in outcome.stdout and " 20.0% " in outcome.stdout


def test_a_folder_without_records_is_a_one_line_error(tmp_path):
    outcome = compare(str(tmp_path), str(tmp_path))
    assert outcome.exit_code == 2 and "records.jsonl holds no records" in outcome.output
