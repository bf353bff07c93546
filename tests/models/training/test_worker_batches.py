"""Workers that cannot prepare batches end the training with an error, instead of a wait for ever."""

import multiprocessing
import os
import signal
import time

import pytest

from models.training import worker_batches
from models.training.worker_batches import (
    WorkerError,
    check_shared_memory,
    iterate_with_workers,
    worker_failures_with_advice,
)


class Squares:
    """The item of a step is its square; step 5 has an error."""

    def __getitem__(self, step):
        if step == 5:
            raise ValueError("picture.png: is damaged; delete it")
        return step**2


class Stuck:
    def __getitem__(self, step):
        time.sleep(3600)


def test_the_items_of_workers_come_in_order():
    assert list(iterate_with_workers(Squares(), range(5), 2)) == [0, 1, 4, 9, 16]


def test_an_error_of_an_item_is_raised_with_its_own_message():
    with pytest.raises(ValueError) as error:
        list(iterate_with_workers(Squares(), range(8), 2))
    assert str(error.value) == "picture.png: is damaged; delete it"


def test_a_worker_that_never_answers_is_given_up(monkeypatch):
    monkeypatch.setattr(worker_batches, "LONGEST_WAIT_SECONDS", 1)
    with pytest.raises(WorkerError, match="timed out after 1 seconds.*continues from"):
        with worker_failures_with_advice():
            list(iterate_with_workers(Stuck(), range(3), 1))


def test_a_killed_worker_is_an_error_of_one_line():
    before = multiprocessing.active_children()  # a worker of the test before may still be there
    items = iterate_with_workers(Squares(), range(6, 10**6), 2)
    with pytest.raises(WorkerError, match="the workers .* failed .*fewer --workers") as error:
        with worker_failures_with_advice():
            for number, _ in enumerate(items):
                if number == 20:
                    own = next(
                        each for each in multiprocessing.active_children() if each not in before
                    )
                    os.kill(own.pid, signal.SIGKILL)
    assert "\n" not in str(error.value)


def test_other_errors_keep_their_type():
    with pytest.raises(RuntimeError) as error, worker_failures_with_advice():
        raise RuntimeError("out of memory")
    assert type(error.value) is RuntimeError


@pytest.mark.parametrize(
    ("free", "workers", "advice"),
    [(64_000_000, 4, "--workers 2"), (11_000_000, 1, "--workers 0"), (0, 1, "--workers 0")],
)
def test_batches_that_do_not_fit_are_refused_with_what_fits(monkeypatch, free, workers, advice):
    """A batch has 12 MB. Two workers have four batches in memory, and the training one more."""
    monkeypatch.setattr(worker_batches, "_free_shared_memory", lambda: free)
    with pytest.raises(WorkerError, match=f"{advice}, or give the container more"):
        check_shared_memory(12_000_000, workers)
    fitting = int(advice.split()[-1])
    check_shared_memory(12_000_000, fitting)


def test_without_workers_no_shared_memory_is_needed(monkeypatch):
    monkeypatch.setattr(worker_batches, "_free_shared_memory", lambda: 0)
    check_shared_memory(10**9, 0)
