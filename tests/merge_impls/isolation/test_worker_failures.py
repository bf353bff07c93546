"""If a backend fails in its child process, the worker raises a one-line error and can still be used."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path
from threading import Timer, main_thread

import numpy as np
import pytest

from merge_impls import MergeProblem, first_difference, merge
from merge_impls.isolation import BackendFailed, Worker
from merge_impls.timing import time_workers
from tests.merge_impls.isolation.misbehaving import MISBEHAVING, failure_of

NEEDY = """
from merge_impls import Backend
merge = Backend("needy", "wants a lot", "0.3", "needy_backend:run",
                requires=("a_module_that_is_nowhere",), install="pip install luck")
"""


def test_an_exception_is_one_line_and_the_process_goes_on(plug_in, problem):
    plug_in(raising=MISBEHAVING.format("raise ValueError('no such\\n\\nthing')"))
    small = MergeProblem.from_grid(np.ones((1, 4, 4)), [(0, 1)], [0], [0.5])
    with Worker("raising") as worker:
        assert failure_of(worker, problem) == (
            "backend raising: ValueError: no such thing (raising_backend.py, line 6, in merge)"
        )
        assert worker.merge(small).result.sizes.tolist() == [4, 4, 4, 4]


def test_an_impossible_result_is_reported_as_a_failure(plug_in, problem):
    plug_in(strange=MISBEHAVING.format("return 7"))
    with Worker("strange") as worker:
        line = failure_of(worker, problem, "invalid")
    assert line.startswith("backend strange returned what cannot be a result: labels have shape ()")


@pytest.mark.parametrize(
    ("code", "how"), [("os._exit(7)", "exit code 7"), ("os.abort()", "SIGABRT")]
)
def test_a_process_that_dies_is_reported_and_started_again(plug_in, problem, code, how):
    plug_in(dying=MISBEHAVING.format(code))
    small = MergeProblem.from_grid(np.ones((1, 4, 4)), [(0, 1)], [0], [0.5])
    with Worker("dying") as worker:
        for _ in range(2):
            assert failure_of(worker, problem, "crash") == (
                f"backend dying: its process died ({how})"
            )
            assert len(worker.merge(small).result.sizes) == 4


HALF_AN_ANSWER = """
        import gc, multiprocessing.connection, struct
        for thing in gc.get_objects():
            if isinstance(thing, multiprocessing.connection.Connection):
                os.write(thing.fileno(), struct.pack("!i", 1000) + b"half")
        os._exit(7)
"""


def test_a_process_that_ends_within_its_reply_is_reported_as_dead(plug_in, problem):
    plug_in(torn=MISBEHAVING.format(HALF_AN_ANSWER))
    with Worker("torn") as worker:
        line = failure_of(worker, problem, "crash")
    assert line == "backend torn: its process died (exit code 7)"


def test_a_process_that_hangs_is_killed_at_the_timeout(plug_in, problem):
    plug_in(hanging=MISBEHAVING.format("time.sleep(600)"))
    with Worker("hanging") as worker:
        worker.start()
        process = active_children()[0]
        worker.timeout = 0.1
        line = failure_of(worker, problem, "timeout")
    assert line == "backend hanging: no answer within 0.1 s"
    assert not process.is_alive()


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("needy", NEEDY, "a_module_that_is_nowhere is not installed: pip install luck"),
        ("early", "import os\ndef merge(problem):\n    os._exit(3)\n", "died (exit code 3)"),
        ("unheard", None, "backend 'unheard' is unknown"),
    ],
)
def test_a_backend_that_cannot_start_fails_with_one_line(plug_in, name, source, reason):
    plug_in(**({name: source} if source else {}))
    with pytest.raises(BackendFailed) as failed, Worker(name) as worker:
        worker.start()
    assert str(failed.value).startswith("backend ") and name in str(failed.value)
    assert reason in str(failed.value) and "\n" not in str(failed.value)


def test_after_an_interruption_the_next_request_gets_its_own_reply(plug_in, problem):
    plug_in(slow=MISBEHAVING.format("time.sleep(20)"))
    small = MergeProblem.from_grid(np.ones((1, 4, 4)), [(0, 1)], [0], [0.5])
    with Worker("slow") as worker:
        worker.start()
        here = (
            main_thread().ident
        )  # only a signal to the thread that waits interrupts the wait at once
        Timer(0.2, signal.pthread_kill, [here, signal.SIGINT]).start()
        with pytest.raises(KeyboardInterrupt):
            worker.merge(problem)
        assert worker.merge(small).result.labels.shape == (4, 4)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("os.kill(os.getpid(), 19)", "timeout"),
        ("os.closerange(3, 256); time.sleep(600)", "crash"),
        ("os.fork() or time.sleep(600); os._exit(7)", "crash"),
        ("os.kill(os.getpid(), 40)", "crash"),
    ],
    ids=["stops reading", "closes its pipe", "leaves a child behind", "signal without a name"],
)
def test_a_misbehaving_backend_never_blocks_the_worker(plug_in, problem, code, kind):
    plug_in(tricky=MISBEHAVING.format(code))
    large = MergeProblem.from_grid(
        np.ones((8, 300, 200)), [(0, k) for k in range(1, 9)], [0] * 8, [1]
    )
    with Worker("tricky", timeout=1) as worker:
        for each in (problem, large):
            failure_of(worker, each, kind)


def test_a_child_process_ends_with_its_parent(plug_in, tmp_path):
    plug_in(spinning=MISBEHAVING.format("while True: pass"))
    code = """
import numpy as np, os, signal
from multiprocessing import active_children
from threading import Timer
from merge_impls import MergeProblem
from merge_impls.isolation import Worker
if __name__ == "__main__":
    worker = Worker("spinning")
    worker.start()
    print(active_children()[0].pid, flush=True)
    Timer(0.3, os.kill, [os.getpid(), signal.SIGKILL]).start()
    worker.merge(MergeProblem.from_grid(np.ones((1, 9, 9)), [(0, 1)], [0], [1]))
"""
    (tmp_path / "killed.py").write_text(code)
    environment = os.environ | {"PYTHONPATH": sys.path[0]}
    command = [sys.executable, tmp_path / "killed.py"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    for _ in range(100):
        if not is_running(pid):
            return
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail(f"process {pid} goes on without its parent")


def is_running(pid):
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_failing_backends_do_not_disturb_the_others(plug_in, problem):
    plug_in(
        dying=MISBEHAVING.format("os._exit(7)"),
        lying=MISBEHAVING.format("return problem.mask.astype('int32')"),
    )
    with Worker("dying") as dying, Worker("c") as right, Worker("lying") as lying:
        result, runs = time_workers(problem, [dying, right, lying], rounds=2, reference="c")
    assert first_difference(merge(problem, "c"), result) is None
    assert "exit code 7" in runs["dying"].failed and not runs["dying"].seconds
    assert runs["c"].difference == runs["c"].failed == "" and len(runs["c"].seconds) == 2
    assert "labels differs at [" in runs["lying"].difference


def test_memory_above_the_limit_is_an_error_and_the_process_goes_on(plug_in, problem):
    plug_in(greedy=MISBEHAVING.format("bytearray(4 << 30)"))
    with Worker("greedy", memory=2 << 30) as worker:
        assert "MemoryError" in failure_of(worker, problem)
        assert worker.first_call_seconds > 0


def test_an_unsupported_problem_fails_with_a_reason(plug_in, problem):
    plug_in(
        narrow="""
from merge_impls import Backend
merge = Backend("narrow", "", "1", "merge_impls.builtin.networkx_merge:merge", linkages=("average",))
"""
    )
    with Worker("narrow") as worker:
        line = failure_of(worker, problem, "unsupported")
    assert line == "backend narrow does not support linkage 'weighted', only 'average'"
