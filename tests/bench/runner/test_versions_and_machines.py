"""Two versions of a method, and the records of two machines, stand side by side in reports."""

import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bench import cli
from bench.evaluation import official
from bench.report.pages.study_report import write_study_report
from bench.report.tables.study_tables import study_tables
from bench.runner import field_problems, image_problems, records, study_keys
from bench.runner.field_problems import FieldProblems
from bench.runner.record import Record
from bench.runner.record_schema import RecordError
from bench.runner.records_of_runs import label_records, read_runs
from bench.runner.runner import Runner
from bench.runner.study import Study, StudyFields
from merge_impls.machine import describe_machine
from tests.bench.study_helpers import RIGHT, example_record, measured, records_not_done

SECOND_VERSION = RIGHT + "# another version\n"


@pytest.fixture
def field_study():
    """A study of one tiny field, with the backend ``own``."""
    source = StudyFields(("mild",), size=(16, 32), sizes=((16, 32),))
    return Study("small", source, ("average",), ("own", "c"), reference="heap", rounds=1)


def write_report(measured_study, folder):
    """Write the records of a report, as a run does, and read them with labels."""
    records.write(folder / "records.jsonl", measured_study.records_of_report)
    return read_runs([folder])


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder that the tests of this file share: ``run`` and ``report``, once ``two_versions`` has run."""
    return tmp_path_factory.mktemp("versions")


@pytest.fixture
def two_versions(field_study, plug_in, shared):
    """The folder of a report after two runs in one folder; the backend was changed between them."""
    for source in (RIGHT, SECOND_VERSION) if not (shared / "report").exists() else ():
        plug_in(own=source)
        found = Runner(FieldProblems(field_study), shared / "run").run()
        assert not records_not_done(found)
        if source == SECOND_VERSION:
            write_report(found, shared / "report")
    return shared / "report"


def names(found):
    return list(dict.fromkeys(record.cell.backend for record in found))


def test_two_versions_of_a_backend_are_two_rows_of_a_table(two_versions):
    table = study_tables(read_runs([two_versions]), goals=())["speed_mild"]
    old, new = (name for name in table["backend"] if name.startswith("own@"))
    assert old != new and sorted(table["backend"]) == sorted([old, new, "c", "heap"])
    assert (table["speedup_over"] == "heap").all()


def test_a_version_is_compared_with_the_baseline_of_its_own_run(two_versions):
    found = read_runs([two_versions])
    slow = [
        replace(each, images=[replace(one, seconds=[100.0]) for one in each.images])
        if each.cell.backend == "heap" and each.conditions != found[-1].conditions
        else each
        for each in found
    ]
    table = study_tables(slow, goals=())["speed_mild"].set_index("backend")
    old, new = (table.loc[name] for name in table.index if name.startswith("own@"))
    assert old["speedup"] == pytest.approx(1e5 / old["round_ms"])
    assert new["speedup"] < old["speedup"] / 100 and table.loc["heap"]["speedup"] == 1


def test_a_version_that_comes_back_is_not_measured_again(
    two_versions, field_study, plug_in, shared, tmp_path, monkeypatch
):
    plug_in(own=RIGHT)
    monkeypatch.setattr(field_problems, "time_field_cases", None)
    found = Runner(FieldProblems(field_study), shared / "run").run()
    labelled = write_report(found, tmp_path / "again")
    assert set(names(labelled)) == set(names(read_runs([two_versions])))


def test_a_fresh_run_shows_its_own_records_alone(two_versions, field_study, plug_in, shared):
    plug_in(own=RIGHT)
    found = Runner(FieldProblems(field_study), shared / "run", fresh=True).run()
    assert found.records_of_report == found.records


def test_two_versions_are_compared_within_one_folder(two_versions):
    old, new = (name for name in names(read_runs([two_versions])) if "@" in name)
    folder = str(two_versions)
    outcome = CliRunner().invoke(
        cli.main, ["compare", folder, folder, "--backends", f"{old},{new}"]
    )
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.count(f"{new} against {old}, average, mild") == 1
    outcome = CliRunner().invoke(cli.main, ["compare", folder, folder])
    assert all(f"{name}, average, mild" in outcome.stdout for name in (old, new))
    for wrong in ("own", "own,", f"{old},nothing"):
        outcome = CliRunner().invoke(cli.main, ["compare", folder, folder, "--backends", wrong])
        assert outcome.exit_code == 2 and outcome.stderr.count("\n") == 1


def version(code, **changes):
    cell = {"backend": changes.pop("backend", "own")}
    return example_record(cell, key=code[0] * 64, backend_code=code, **changes)


def test_a_label_is_as_short_as_it_can_be():
    codes = ["a" * 64, "a" * 9 + "b" * 55, "c" * 64]
    assert names(label_records([version(code) for code in codes])) == [
        "own@" + "a" * 10,
        "own@" + "a" * 9 + "b",
        "own@" + "c" * 7,
    ]
    assert names(label_records([version(codes[0]), example_record()])) == ["own", "c"]


def test_one_code_with_two_versions_is_told_apart_by_the_version():
    found = [version("a" * 64, backend_version=number) for number in ("1.0", "2.0")]
    assert names(label_records(found)) == ["own@1.0-aaaaaaa", "own@2.0-aaaaaaa"]


def test_a_backend_with_a_label_is_shown_by_its_label():
    found = [version(code * 64, backend=f"new=mine_{code}:merge") for code in "ab"]
    assert names(label_records(found[:1])) == ["new"]
    assert names(label_records(found)) == ["new@aaaaaaa", "new@bbbbbbb"]
    same = label_records(
        [*found, example_record(identical_to="heap on maps, new=mine_a:merge on maps")]
    )
    assert same[-1].identical_to == "heap on maps, new on maps"


@pytest.fixture
def on_machine(monkeypatch):
    """A function that lets this machine describe itself with another processor."""

    def describe(processor):
        for module in (image_problems, study_keys):
            monkeypatch.setattr(
                module, "describe_machine", lambda: describe_machine() | {"processor": processor}
            )

    return describe


def refuse_to_score(*_):
    raise AssertionError("the scores were computed again")


def test_copied_records_of_another_machine_give_ap_but_no_times(
    run, short_study, quick, on_machine, tmp_path, monkeypatch
):
    folder, report = tmp_path / "run", tmp_path / "report"
    on_machine("B")
    of_b = run(short_study)
    folder.rename(tmp_path / "b")
    shutil.copytree(tmp_path / "b", folder / "machines" / "b")
    on_machine("A")
    monkeypatch.setattr(official, "evaluate", refuse_to_score)
    of_a = run(short_study)
    assert not records_not_done(of_a)
    for a, b in zip(of_a.records, of_b.records, strict=True):
        assert a.key != b.key and a.scores == b.scores and a.scores_key == b.scores_key
        assert a.images[0].seconds != b.images[0].seconds
    found = write_report(of_a, report)
    write_study_report(report, found, goals=())
    text = (report / "report.md").read_text()
    assert "machine 1: processor A" in text and "machine 2: processor B" in text
    table = study_tables(found, goals=())["speed_accuracy"]
    assert sorted(zip(table["machine"], table["backend"], strict=True)) == [
        (machine, name) for machine in "12" for name in ("c", "networkx")
    ]
    compared = CliRunner().invoke(
        cli.main, ["compare", str(folder), str(folder / "machines" / "b")]
    )
    assert "c, average, val, maps " in compared.stdout, compared.output
    shutil.rmtree(folder)
    with pytest.raises(AssertionError, match="computed again"):
        run(short_study)


def test_a_machine_that_does_not_belong_to_the_key_is_refused(tmp_path):
    path = tmp_path / "records.jsonl"
    record = example_record(inputs="1" * 64, conditions="2" * 64).with_key()
    records.append(path, record)
    assert records.read(path) == [record]
    for wrong in ({"machine": {"cores": 3}}, {"backend_code": "3" * 64}, {"conditions": "4" * 64}):
        records.append(path, replace(record, **wrong))
        with pytest.raises(RecordError, match="line 2: the key belongs to another ") as error:
            records.read(path)
        assert "\n" not in str(error.value)
        path.unlink()
        records.append(path, record)


def test_other_results_under_one_key_are_refused_in_one_file(tmp_path):
    path = tmp_path / "records.jsonl"
    records.append(path, example_record())
    records.append(path, example_record(images=[measured(seconds=[0.3, 0.4])]))
    assert len(records.read(path)) == 2  # a fresh run measures other times
    records.append(path, example_record(images=[measured(segments=4)]))
    with pytest.raises(RecordError, match="line 3: has the key of line 1, but other results"):
        records.read(path)


def test_another_record_under_one_key_is_refused_in_two_files(tmp_path):
    own, copied = tmp_path / "a", tmp_path / "a" / "machines" / "b"
    record = example_record()
    for folder in (own, copied):
        records.append(folder / "records.jsonl", record)
    assert read_runs([own]) == read_runs([own, copied]) == read_runs([own, own]) == [record]
    records.append(copied / "records.jsonl", replace(record, images=[measured(seconds=[0.3, 0.4])]))
    with pytest.raises(RecordError, match=r"holds another record with the key 0{7} ") as error:
        read_runs([own])
    assert "\n" not in str(error.value) and str(copied) in str(error.value)


def test_a_key_that_holds_its_inputs_survives_the_file(two_versions):
    for record in records.read(two_versions / "records.jsonl"):
        assert record.inputs and record.conditions and record == record.with_key()
        assert Record.from_json(record.to_json()) == record
