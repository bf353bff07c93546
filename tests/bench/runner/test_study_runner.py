"""The runner of a study: what a first run measures, and what later runs reuse or measure again."""

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from bench.evaluation import official
from bench.pipeline.segment import Pipeline
from bench.runner import merge_work
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner
from bench.runner.study import StudyImages
from bench.runner.study_folder import StudyFolderReader
from bench.runner.worker_pool import WorkerPool
from merge_impls.folder_lock import FolderInUse, lock_folder
from models.model_config import read_config, write_config
from tests.bench.study_helpers import (
    RIGHT,
    cells,
    kept,
    quick_scores,
    records_not_done,
    saved_results,
)

DECLARED = f"""
from merge_impls import Backend
{RIGHT}
function, merge = merge, Backend("own", "", "{{}}", "own_backend:function")
"""


class MeasuredAgain(Exception):
    """Raised when the runner measures or scores something that it should reuse."""


def refuse_to_measure(*_, **__):
    raise MeasuredAgain


@pytest.fixture(scope="module")
def finished(run_in, small_study, tmp_path_factory):
    """The folder and the result of a completed run of the small study."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(official, "evaluate", quick_scores)
        return folder, run_in(folder, small_study)


@pytest.fixture
def measured(finished, quick, tmp_path):
    """The result of the completed run. Its folder is copied to the temporary folder of the test."""
    folder, found = finished
    shutil.copytree(folder, tmp_path / "run")
    return found


@pytest.fixture
def counted(monkeypatch):
    """A list that receives (image, linkage) whenever the runner measures an image."""
    places, measure = [], WorkerPool.measure_backends

    def result(self, name, pipeline, *more):
        places.append((name, pipeline.config.linkage))
        return measure(self, name, pipeline, *more)

    monkeypatch.setattr(WorkerPool, "measure_backends", result)
    return places


def test_a_first_run_gives_a_done_record_for_every_cell(measured, small_study, street, tmp_path):
    merges = {
        (backend, linkage, scope)
        for linkage in small_study.linkages
        for backend, scope in [("c", "maps"), ("c", "crops"), ("networkx", "crops")]
    }
    found = cells(measured)
    assert found.keys() == {("components", None, "maps")} | merges
    assert kept(tmp_path) == measured.records and not records_not_done(measured)
    assert len(saved_results(tmp_path)) == 4
    for place in merges:
        assert [image.name for image in found[place].images] == street.names("val")
        for image in found[place].images:
            assert image.identical is True and len(image.seconds) == small_study.rounds
            assert image.vertices > image.segments > 1 and image.merges > 0
    assert found["c", "average", "crops"].images[0].vertices <= 8 * 12
    assert {place for place in found if found[place].scores} == {
        ("components", None, "maps"),
        ("c", "average", "maps"),
        ("c", "weighted", "maps"),
    }


def test_a_second_run_measures_and_scores_nothing(measured, run, small_study, monkeypatch):
    monkeypatch.setattr(merge_work, "WorkerPool", refuse_to_measure)
    monkeypatch.setattr(official, "evaluate", refuse_to_measure)
    again = run(small_study)
    assert again.records == measured.records
    for linkage, of_linkage in measured.image_results.items():
        for one, other in zip(of_linkage, again.image_results[linkage], strict=True):
            assert one.scopes == other.scopes
            assert len(one.instances) == len(other.instances)
            for left, right in zip(one.instances, other.instances, strict=True):
                assert np.array_equal(left.mask, right.mask)
                assert (left.class_name, left.confidence) == (right.class_name, right.confidence)


def test_a_study_that_was_killed_measures_only_the_rest(
    run, small_study, quick, counted, monkeypatch, tmp_path
):
    measure = WorkerPool.measure_backends

    def once(*place):
        if counted:
            raise KeyboardInterrupt
        return measure(*place)

    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "measure_backends", once)
        with pytest.raises(KeyboardInterrupt):
            run(small_study)
    (first,) = counted
    assert len(saved_results(tmp_path)) == 1 and kept(tmp_path) == []
    counted.clear()
    found = run(small_study)
    assert len(counted) == 3 and first not in counted
    assert not records_not_done(found) and len(kept(tmp_path)) == 7


def test_only_a_damaged_image_result_is_measured_again(
    measured, run, small_study, counted, tmp_path
):
    damaged = saved_results(tmp_path)[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    found = run(small_study)
    assert len(counted) == 1 and not records_not_done(found)
    assert len(saved_results(tmp_path)) == 4


def test_records_are_renewed_with_an_image_result(measured, run, small_study, street, tmp_path):
    """A later run also renews records of a folder whose image results alone were renewed."""
    folder, names = tmp_path / "run", street.names("val")
    before = (folder / "records.jsonl").read_bytes()
    for damaged in saved_results(tmp_path):
        damaged.write_bytes(damaged.read_bytes()[:-1])
    for old_records in (None, before):
        if old_records:
            (folder / "records.jsonl").write_bytes(old_records)
            with pytest.raises(ValueError, match="run the study again"):
                StudyFolderReader(folder, names, "scenes", "val")
        found = run(small_study)
        assert StudyFolderReader(folder, names, "scenes", "val").record in found.records


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_in_place_of_a_result_is_refused_before_measuring(
    measured, small_study, counted, street, tiny_model, study_cache, tmp_path, fresh
):
    path = saved_results(tmp_path)[0]
    path.unlink()
    path.mkdir()
    problems = ImageProblems(small_study, street, Pipeline(tiny_model, study_cache), fresh=fresh)
    with pytest.raises(OSError, match=f"{path.name} is a folder in place of a file; move it away"):
        Runner(problems, tmp_path / "run", fresh).run()
    assert not counted


def test_a_folder_in_use_is_refused_and_left_as_it_is(run, small_study, tmp_path):
    (tmp_path / "run").mkdir()
    left = tmp_path / "run" / ".records.jsonl.x1y2_abc.partial"
    left.touch()
    descriptor = lock_folder(tmp_path / "run")
    with pytest.raises(FolderInUse, match="run is in use by another run; wait for its end"):
        run(small_study)
    assert left.exists()
    os.close(descriptor)


def test_the_next_run_removes_what_a_killed_run_left(measured, run, small_study, tmp_path):
    left = tmp_path / "run" / "units" / ".a.npz.x1y2_abc.partial"
    left.touch()
    run(small_study)
    assert not left.exists()


def model_with_merge_settings(tiny_model, tmp_path, **changes):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    config = read_config(folder / "model.toml")
    merge = {name: replace(settings, **changes) for name, settings in config.merge.items()}
    write_config(replace(config, merge=merge), folder / "model.toml")
    return folder


STUDY_CHANGES = [
    {"rounds": 2},
    {"backends": ("c", "numba")},
    {"reference": "numba"},
    {"map_reference": "c"},
    {"source": StudyImages("scenes", "val", "tiny", crop=(8, 13))},
]


@pytest.mark.parametrize("change", STUDY_CHANGES, ids=str)
def test_a_changed_study_is_measured_again(measured, run, small_study, monkeypatch, change):
    monkeypatch.setattr(merge_work, "WorkerPool", refuse_to_measure)
    with pytest.raises(MeasuredAgain):
        run(replace(small_study, **change))


@pytest.mark.parametrize(
    "change", [{"thresholds": (0.85, 0.7)}, {"min_object_pixels": 21}], ids=str
)
def test_changed_settings_of_the_merge_are_measured_again(
    measured, run, small_study, monkeypatch, tiny_model, tmp_path, change
):
    monkeypatch.setattr(merge_work, "WorkerPool", refuse_to_measure)
    with pytest.raises(MeasuredAgain):
        run(small_study, model_with_merge_settings(tiny_model, tmp_path, **change))


def test_a_new_version_of_a_backend_is_measured_again(
    run, short_study, quick, plug_in, monkeypatch
):
    study = replace(short_study, backends=("own",))
    plug_in(own=DECLARED.format("0.1"))
    assert not records_not_done(run(study))
    monkeypatch.setattr(merge_work, "WorkerPool", refuse_to_measure)
    assert not records_not_done(run(study))
    plug_in(own=DECLARED.format("0.2"))
    with pytest.raises(MeasuredAgain):
        run(study)


def test_a_limit_takes_the_first_images(
    street, tiny_model, study_cache, short_study, quick, tmp_path
):
    problems = ImageProblems(short_study, street, Pipeline(tiny_model, study_cache), limit=1)
    found = Runner(problems, tmp_path).run()
    for record in found.records:
        assert [image.name for image in record.images] == street.names("val")[:1]
