"""A backend whose code has changed is measured again, even if its version is the same."""

from dataclasses import replace

import pytest

from bench.pipeline.segment import Pipeline
from bench.runner import merge_work, records
from bench.runner.field_problems import FieldProblems
from bench.runner.image_problems import ImageProblems
from bench.runner.record import Record
from bench.runner.runner import Runner
from bench.runner.study import Study, StudyFields
from tests.bench.study_helpers import RIGHT, cells, kept, records_not_done

ONES = "import numpy\ndef merge(problem):\n    return numpy.ones(problem.shape, 'int32')\n"
LATE = """
def merge(problem):
    if problem.num_vertices > 16:
        import late_part
        return late_part.merge(problem)
    from merge_impls import merge as merge_with
    return merge_with(problem, "heap")
"""
WITHOUT_FILE = f"exec({RIGHT!r})"


class MeasuredAgain(Exception):
    """Raised when a study measures something that it should read."""


def refuse_to_measure(*_, **__):
    raise MeasuredAgain


@pytest.fixture
def field_study():
    """A study of one tiny field, with the backend ``own``."""
    source = StudyFields(("mild",), size=(16, 32), sizes=((16, 32),))
    return Study("small", source, ("average",), ("own",), reference="heap", rounds=1)


def test_an_installed_backend_changed_to_return_ones_is_found(run, short_study, quick, plug_in):
    study = replace(short_study, backends=("own",))
    plug_in(own=RIGHT)
    assert not records_not_done(run(study))
    plug_in(own=ONES)
    assert {record.state for record in records_not_done(run(study))} >= {"disagreed"}


def test_a_changed_backend_is_found_in_a_study_of_fields(field_study, plug_in, tmp_path):
    plug_in(own=RIGHT)
    assert not records_not_done(Runner(FieldProblems(field_study), tmp_path).run())
    plug_in(own=ONES)
    (record,) = records_not_done(Runner(FieldProblems(field_study), tmp_path).run())
    assert record.cell.backend == "own"


@pytest.fixture
def write_late_part(plug_in, tmp_path):
    """A function that installs ``own``, which imports the module with this source in larger merges."""

    def write(source):
        plug_in(own=LATE)
        (tmp_path / "plug_ins" / "late_part.py").write_text(source)

    return write


def test_a_module_loaded_by_larger_merges_alone_is_never_stale_in_fields(
    field_study, write_late_part, tmp_path, capsys
):
    write_late_part(RIGHT)
    found = Runner(FieldProblems(field_study), tmp_path).run()
    assert not records_not_done(found)
    assert {each.cell.backend: each.backend_code for each in found.records}["own"] is None
    output = "".join(capsys.readouterr())
    assert output.count("own is measured in each run: only some merges load ") == 1
    write_late_part(ONES)
    (record,) = records_not_done(Runner(FieldProblems(field_study), tmp_path).run())
    assert record.cell.backend == "own"


def test_a_module_loaded_by_larger_merges_alone_is_never_stale_in_images(
    run, short_study, quick, write_late_part, capsys
):
    study = replace(short_study, backends=("own",))
    write_late_part(RIGHT)
    assert not records_not_done(run(study))
    assert "".join(capsys.readouterr()).count("own is measured in each run: only some merges") == 1
    write_late_part(ONES)
    assert {record.state for record in records_not_done(run(study))} >= {"disagreed"}


def test_a_record_holds_the_digest_of_a_plug_in_but_not_of_built_in_code(
    run, short_study, quick, plug_in, tmp_path
):
    plug_in(own=RIGHT)
    found = cells(run(replace(short_study, backends=("own", "c"))))
    assert len(found["own", "average", "maps"].backend_code) == 64
    assert found["c", "average", "maps"].backend_code is None
    record = found["own", "average", "crops"]
    assert Record.from_json(record.to_json()) == record in kept(tmp_path)


def test_what_has_no_file_is_measured_in_each_run_and_named_once(
    run, short_study, quick, plug_in, monkeypatch, capsys
):
    plug_in(own=WITHOUT_FILE)
    study = replace(short_study, backends=("own",))
    assert not records_not_done(run(study))
    output = capsys.readouterr()
    assert (output.out + output.err).count("own is measured in each run: the function ") == 1
    monkeypatch.setattr(merge_work, "WorkerPool", refuse_to_measure)
    with pytest.raises(MeasuredAgain):
        run(study)


def test_a_fresh_run_measures_what_is_there(
    street, tiny_model, study_cache, short_study, quick, tmp_path, monkeypatch
):
    def run(fresh):
        problems = ImageProblems(
            short_study, street, Pipeline(tiny_model, study_cache), fresh=fresh
        )
        return Runner(problems, tmp_path, fresh).run()

    first = run(fresh=False)
    again = run(fresh=True)
    assert [record.key for record in again.records] == [record.key for record in first.records]
    assert again.records[0].images[0].seconds != first.records[0].images[0].seconds
    assert len(records.read(tmp_path / "records.jsonl")) == 2 * len(first.records)
    monkeypatch.setattr(merge_work, "WorkerPool", refuse_to_measure)
    assert run(fresh=False).records == again.records
