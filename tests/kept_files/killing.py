"""Run a command of ``python -m bench`` in a copy of this process, and kill it at a random moment."""

import os
import random
import signal
import sys
import time
from pathlib import Path

from bench import cli, paths


def start(arguments: list[str], runs: Path, log: Path) -> int:
    """Start a command in a forked process of its own group; returns the number of the process.

    The fork has imported all libraries, so that little time passes before the command begins its work.
    runs: the folder that stands for ``runs`` in the clone. log: the file for all output.
    """
    process = os.fork()
    if process:
        return process
    code = 99
    try:
        os.setsid()
        with log.open("ab", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
        paths.RUNS = runs
        cli.main(arguments)
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


def run_to_end(arguments: list[str], runs: Path, log: Path) -> float:
    """Run a command to its end and return its seconds; raises AssertionError if it fails."""
    begin = time.perf_counter()
    _, status = os.waitpid(start(arguments, runs, log), 0)
    assert status == 0, log.read_text()[-3000:]
    return time.perf_counter() - begin


def kill_at(seconds: float, arguments: list[str], runs: Path, log: Path) -> bool:
    """Start a command and kill all its processes after some seconds; returns whether it still ran."""
    process = start(arguments, runs, log)
    time.sleep(seconds)
    ended, _ = os.waitpid(process, os.WNOHANG)
    if ended:
        return False
    os.killpg(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return True


def moments(count: int, seconds: float, seed: int = 0) -> list[float]:
    """Random moments of a command that takes some seconds. The first tenth is left out."""
    source = random.Random(seed)
    return [source.uniform(0.1, 1.0) * seconds for _ in range(count)]
