"""A long merge runs in a helper thread, and an exception of a signal handler stops it."""

import os
import signal
import threading
from time import sleep

import numpy as np
import pytest
from merge_impls._c_merge import lib

from merge_impls import MergeProblem, merge
from merge_impls.builtin import c_calls, numba_merge, stoppable_call
from merge_impls.builtin.stoppable_call import MOST_WORK_CALLED_DIRECTLY, Stopped, call_stoppably
from merge_impls.cli import main

LONG = MOST_WORK_CALLED_DIRECTLY + 1
CALLERS = {"c": c_calls, "heap": c_calls, "numba": numba_merge}
"""For each built-in backend in compiled code, the module that calls ``call_stoppably``."""


@pytest.fixture
def interrupted(monkeypatch):
    """A function that lets Ctrl-C arrive during each merge of a module, at its beginning."""

    def interrupt(module):
        def call(function, work):
            def function_after_ctrl_c(stop):
                os.kill(os.getpid(), signal.SIGINT)
                return function(stop)

            return call_stoppably(function_after_ctrl_c, LONG)

        monkeypatch.setattr(module, "call_stoppably", call)

    return interrupt


def grid(side=24):
    affinities = np.random.default_rng(0).random((2, side, side))
    return MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 1], [0.5, 0.3])


def test_an_interrupt_sets_the_flag_and_waits_for_the_end_of_the_call():
    ended = []

    def function(stop):
        os.kill(os.getpid(), signal.SIGINT)
        while stop[0] == 0:
            sleep(0.001)
        ended.append(True)
        raise Stopped

    with pytest.raises(KeyboardInterrupt):
        call_stoppably(function, LONG)
    assert ended == [True]


@pytest.mark.parametrize("work", [1, LONG], ids=["small", "long"])
def test_results_and_errors_of_a_call_reach_the_caller(work):
    assert call_stoppably(lambda stop: int(stop[0]) + 7, work) == 7
    with pytest.raises(ZeroDivisionError):
        call_stoppably(lambda stop: 1 // int(stop[0]), work)


@pytest.mark.parametrize(("work", "is_direct"), [(MOST_WORK_CALLED_DIRECTLY, True), (LONG, False)])
def test_only_a_long_call_gets_a_thread(work, is_direct):
    thread = call_stoppably(lambda stop: threading.current_thread(), work)
    assert (thread is threading.current_thread()) == is_direct


def test_a_call_outside_the_main_thread_is_made_directly():
    seen = []

    def call():
        thread = call_stoppably(lambda stop: threading.current_thread(), LONG)
        seen.append(thread is threading.current_thread())

    caller = threading.Thread(target=call)
    caller.start()
    caller.join()
    assert seen == [True]


def test_a_call_without_a_thread_to_spare_is_made_directly(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert call_stoppably(lambda stop: 7, LONG) == 7


@pytest.mark.parametrize("backend", CALLERS)
def test_a_merge_that_is_interrupted_raises_keyboard_interrupt(backend, interrupted):
    interrupted(CALLERS[backend])
    with pytest.raises(KeyboardInterrupt):
        merge(grid(), backend)


@pytest.mark.parametrize("backend", CALLERS)
def test_a_long_merge_in_a_thread_has_the_same_result(backend, monkeypatch):
    expected = merge(grid(), backend)
    monkeypatch.setattr(stoppable_call, "MOST_WORK_CALLED_DIRECTLY", 0)
    got = merge(grid(), backend)
    assert np.array_equal(expected.history, got.history)
    assert np.array_equal(expected.labels, got.labels)


@pytest.mark.parametrize("merge_in_c", [lib.merge_heap, lambda *a: lib.merge_fast(a[0], 1, a[1])])
def test_merges_in_c_stop_if_the_flag_is_set(merge_in_c):
    prepared = c_calls.prepare_for_c(grid())
    outputs, _arrays_kept_alive = c_calls._allocate_outputs(prepared)
    for flag, status in ((0, lib.MERGE_OK), (1, lib.MERGE_STOPPED)):
        stop = np.array([flag], np.int32)
        c_calls._set_pointers(prepared.given, {"stop": stop})
        assert merge_in_c(prepared.given, outputs) == status


@pytest.mark.parametrize("backend", CALLERS)
def test_an_interrupted_run_ends_with_130_and_writes_no_file(backend, interrupted, tmp_path):
    np.save(tmp_path / "in.npy", grid().affinities)
    out = tmp_path / "out"
    arguments = [str(tmp_path / "in.npy"), "--offsets", "0,1 1,0", "--thresholds", "0.5"]
    interrupted(CALLERS[backend])
    assert main(["run", *arguments, "--backend", backend, "--out", str(out)]) == 130
    assert [path for path in out.rglob("*") if path.is_file()] == []
