"""Executors give the records of a run in one process, also if a worker dies."""

import os
import signal
from dataclasses import replace
from functools import partial

import pytest

from bench.cache import AffinityCache
from bench.pipeline.segment import Pipeline
from bench.runner import network_work
from bench.runner.executors import DaskExecutor, OtherWorkerError, ProcessExecutor, read_executor
from bench.runner.image_problems import ImageProblems
from bench.runner.input_digests import imported_bench_and_models_files
from bench.runner.network_work import refuse_other_worker, worker_identity
from bench.runner.runner import Runner


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


class DyingOnce:
    """An executor whose first task kills its worker."""

    def __init__(self, executor, marker):
        self.executor, self.marker = executor, marker

    def run(self, function, tasks):
        return self.executor.run(partial(die_once, self.marker, function), tasks)


class Failing:
    """An executor on which the last task fails."""

    def run(self, function, tasks):
        return [(task, "its worker died" if task == tasks[-1] else "") for task in tasks]


@pytest.fixture
def run_on(street, tiny_model, short_study, tmp_path, quick):
    """A function that runs the small study on an executor, with a new cache and folder."""

    def run_study(name, executor):
        pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / name / "cache"))
        study = replace(short_study, reference="heap")
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


def test_a_run_whose_process_died_gives_the_records_of_one_process(run_on, tmp_path):
    executor = DyingOnce(ProcessExecutor(2), tmp_path / "died")
    found = run_on("processes", executor)
    assert (tmp_path / "died").exists()
    assert all(record.state == "done" for record in found)
    assert_same_but_times(found, run_on("local", None))


@pytest.mark.exhaustive
def test_a_run_whose_dask_worker_died_gives_the_records_of_one_process(run_on, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        executor = DyingOnce(DaskExecutor(cluster.scheduler_address), tmp_path / "died")
        found = run_on("dask", executor)
    assert (tmp_path / "died").exists()
    assert_same_but_times(found, run_on("local", None))


def test_an_image_that_failed_twice_is_a_state(run_on, street):
    found = run_on("failing", Failing())
    assert {record.state for record in found} == {"failed"}
    last = street.names("val")[-1]
    assert f"{last}: the networks failed twice: its worker died" in found[0].reason


def test_a_task_that_kills_two_workers_fails_and_the_others_are_done():
    outcomes = dict(ProcessExecutor(2).run(die, ["good", "bad", "fine"]))
    assert outcomes == {"good": "", "fine": "", "bad": "its worker died"}


def test_a_worker_of_other_sources_ends_the_run():
    with pytest.raises(OtherWorkerError, match="other"):
        list(ProcessExecutor(1).run(refuse, ["a", "b"]))


def test_a_worker_without_the_clone_ends_the_run():
    with pytest.raises(OtherWorkerError, match="cannot import bench_of_nobody; install this clone"):
        list(ProcessExecutor(1).run(import_absent, ["a"]))


@pytest.mark.parametrize("name", ["bench", "merge_impls", "torch", "numpy", "python"])
def test_a_worker_with_another_version_is_refused(name):
    here = worker_identity()
    refuse_other_worker(here, dict(here))
    with pytest.raises(OtherWorkerError, match=f"{name} is 0.0, here .*; install the same"):
        refuse_other_worker(here, here | {name: "0.0"})


def test_the_identity_covers_the_sources_of_the_networks():
    names = {path.name for path in imported_bench_and_models_files(network_work.__name__)}
    assert {"network_logits.py", "deeplabv3.py", "cached_networks.py"} <= names


@pytest.mark.parametrize(
    "text", ["", "processes", "processes:0", "processes:x", "dask:", "other:1"]
)
def test_other_texts_are_no_executor(text):
    with pytest.raises(ValueError, match="give local, processes:N or dask:ADDRESS"):
        read_executor(text)


def test_local_is_this_process():
    assert read_executor("local") is None
