"""Executors give the records of a run in one process, also if a worker dies."""

import gc
import os
import pickle
import signal
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest

from bench.cache import AffinityCache
from bench.pipeline.segment import Pipeline
from bench.runner.executors import (
    DaskExecutor,
    OtherWorkerError,
    Outcome,
    ProcessExecutor,
    read_executor,
)
from bench.runner.finding_work import FindingWork
from bench.runner.image_problems import ImageProblems
from bench.runner.input_digests import imported_bench_and_models_files
from bench.runner.matching_work import MatchingWork
from bench.runner.merge_work import MergedImage, MergeWork
from bench.runner.method_code import MethodCode
from bench.runner.network_work import NetworkWork
from bench.runner.runner import Runner
from bench.runner.study import Variant
from bench.runner.untimed_work import (
    UNTIMED_MODULE,
    refuse_other_worker,
    run_task_in_worker,
    worker_identity,
)
from tests.prepared_workers import LIBRARIES_OF_EXECUTORS, prepared_workers


@pytest.fixture(autouse=True, scope="module")
def fast_workers():
    """Each worker of an executor needs torch and the sources of a study."""
    with prepared_workers(LIBRARIES_OF_EXECUTORS):
        yield


def die_once(marker, fill, task):
    """Kill this process in the first call of all processes, otherwise fill the cache."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return fill(task)
    os.kill(os.getpid(), signal.SIGKILL)


def die(task):
    if task == "bad":
        os.kill(os.getpid(), signal.SIGKILL)


def refuse(task):
    raise OtherWorkerError("other")


def import_absent(task):
    raise ModuleNotFoundError("no module", name="bench_of_nobody")


def die_after_first_merge(marker, function, task):
    """Run a task, and kill this process in place of returning the first merged image of all processes."""
    value = function(task)
    if isinstance(value, MergedImage):
        with suppress(FileExistsError):
            marker.touch(exist_ok=False)
            os.kill(os.getpid(), signal.SIGKILL)
    return value


class DyingOnce:
    """An executor one of whose workers dies: ``die`` says when."""

    def __init__(self, executor, marker, die=die_once):
        self.executor, self.marker, self.die = executor, marker, die

    def run(self, function, tasks):
        return self.executor.run(partial(self.die, self.marker, function), tasks)


class Failing:
    """An executor on which the last task of one kind of work fails, and which runs all others here."""

    def __init__(self, kind):
        self.kind = kind

    def run(self, function, tasks):
        work = pickle.loads(function.args[0])
        for task in tasks:
            fails = isinstance(work, self.kind) and task == tasks[-1]
            yield (
                Outcome(task, None, "its worker died") if fails else Outcome(task, function(task))
            )


@pytest.fixture
def run_on(street, tiny_model, short_study, tmp_path):
    """A function that runs the small study on an executor, with a new cache and folder.

    All merges are untimed unless ``changes`` of the study have another number of rounds.
    """

    def run_study(name, executor, **changes):
        pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / name / "cache"))
        study = replace(short_study, **{"reference": "heap", "rounds": 0} | changes)
        problems = ImageProblems(study, street, pipeline, executor=executor)
        return Runner(problems, tmp_path / name).run().records

    return run_study


def without_times(record):
    entries = record.to_json()
    del entries["created"], entries["first_call_seconds"]
    for image in entries["images"]:
        for name in [each for each in image if "seconds" in each or each == "peak_bytes"]:
            del image[name]
    return entries


def assert_same_but_times(found, expected):
    for one, other in zip(found, expected, strict=True):
        assert without_times(one) == without_times(other)


def rows_to_compare(study):
    """Two rows of a study, so that AP is compared, and a method that is scored alone."""
    rows = (Variant("plain", study.strategy), Variant("PAR off", study.strategy.replace(par="off")))
    return {"variants": rows, "scored_alone": ("components",)}


def test_a_run_whose_process_died_gives_the_records_of_one_process(run_on, short_study, tmp_path):
    executor = DyingOnce(ProcessExecutor(2), tmp_path / "died", die_after_first_merge)
    found = run_on("processes", executor, **rows_to_compare(short_study))
    assert (tmp_path / "died").exists()
    assert all(record.state == "done" for record in found)
    assert_same_but_times(found, run_on("local", None, **rows_to_compare(short_study)))


@pytest.mark.exhaustive
@pytest.mark.parametrize("die", [die_once, die_after_first_merge])
def test_a_run_whose_dask_worker_died_gives_the_records_of_one_process(
    run_on, short_study, tmp_path, die
):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        executor = DyingOnce(DaskExecutor(cluster.scheduler_address), tmp_path / "died", die)
        found = run_on("dask", executor, **rows_to_compare(short_study))
    assert (tmp_path / "died").exists()
    assert_same_but_times(found, run_on("local", None, **rows_to_compare(short_study)))


def test_a_timed_merge_stays_in_this_process(run_on):
    class NoMerges:
        def run(self, function, tasks):
            assert not isinstance(pickle.loads(function.args[0]), MergeWork)
            return [Outcome(task, function(task)) for task in tasks]

    found = run_on("timed", NoMerges(), rounds=2)
    assert all(len(image.seconds) == 2 for record in found for image in record.images)


def test_an_untimed_merge_has_no_times(run_on):
    for record in run_on("untimed", None):
        assert record.state == "done" and record.first_call_seconds is None
        assert all(not image.seconds and image.peak_bytes is None for image in record.images)


@pytest.mark.parametrize(
    "kind, part",
    [(NetworkWork, "the networks"), (MergeWork, "the merges"), (MatchingWork, "scoring")],
)
def test_a_task_that_failed_twice_is_a_state(run_on, kind, part):
    found = run_on("failing", Failing(kind))
    assert {record.state for record in found if record.cell.scope == "maps"} == {"failed"}
    assert f"{part} failed twice: its worker died" in found[0].reason


def test_a_method_without_merge_that_failed_twice_is_a_state(run_on):
    found = run_on("failing", Failing(FindingWork), scored_alone=("components",))
    states = {record.cell.backend: record.state for record in found}
    assert states.pop("components") == "failed" and set(states.values()) == {"done"}


def test_a_task_that_kills_two_workers_fails_and_the_others_are_done():
    outcomes = {
        each.task: each.reason for each in ProcessExecutor(2).run(die, ["good", "bad", "fine"])
    }
    assert outcomes == {"good": "", "fine": "", "bad": "its worker died"}


def own_id(task):
    return os.getpid()


def ids_of_processes(executor):
    return {each.value for each in executor.run(own_id, [1, 2])}


def test_processes_wait_for_the_next_run_and_the_dead_are_replaced():
    executor = ProcessExecutor(1)
    (first,) = ids_of_processes(executor)
    assert ids_of_processes(executor) == {first}
    os.kill(first, signal.SIGKILL)
    wait_until_gone(first)
    assert len(ids_of_processes(executor) - {first}) == 1


def test_processes_end_with_their_executor():
    (only,) = ids_of_processes(ProcessExecutor(1))
    gc.collect()
    wait_until_gone(only)


def wait_until_gone(pid, seconds=30):
    """Wait until a process has ended and its server has noted it; fail after some seconds."""
    end = time.monotonic() + seconds
    while os.path.exists(f"/proc/{pid}"):
        assert time.monotonic() < end, pid
        time.sleep(0.01)


def test_a_worker_of_other_sources_ends_the_run():
    with pytest.raises(OtherWorkerError, match="other"):
        list(ProcessExecutor(1).run(refuse, ["a", "b"]))


def test_a_worker_with_another_version_of_a_method_is_refused(
    short_study, street, tiny_model, tmp_path, monkeypatch
):
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path))
    work = MergeWork(short_study, street, pipeline, MethodCode([]))
    expected = {**worker_identity(), **work.needed_versions(), "method c": "0.0"}
    with pytest.raises(OtherWorkerError, match="method c is .*, here 0.0; install the same"):
        run_task_in_worker(pickle.dumps(work), expected, None)


def test_a_worker_without_the_clone_ends_the_run():
    with pytest.raises(OtherWorkerError, match="cannot import bench_of_nobody; install this clone"):
        list(ProcessExecutor(1).run(import_absent, ["a"]))


@pytest.mark.parametrize("name", ["bench", "merge_impls", "torch", "numpy", "python"])
def test_a_worker_with_another_version_is_refused(name):
    here = worker_identity()
    refuse_other_worker(here, dict(here))
    with pytest.raises(OtherWorkerError, match=f"{name} is 0.0, here .*; install the same"):
        refuse_other_worker(here, here | {name: "0.0"})


def test_the_identity_covers_the_sources_of_networks_and_scoring():
    names = {path.name for path in imported_bench_and_models_files(UNTIMED_MODULE)}
    assert {"network_logits.py", "deeplabv3.py", "cached_networks.py", "matching.py"} <= names


@pytest.mark.parametrize(
    "text", ["", "processes", "processes:0", "processes:x", "dask:", "other:1"]
)
def test_other_texts_are_no_executor(text):
    with pytest.raises(ValueError, match="give local, processes:N or dask:ADDRESS"):
        read_executor(text)


def test_local_is_this_process():
    assert read_executor("local") is None
