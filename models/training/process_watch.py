"""End this process soon after another process of the training, or ``torchrun``, has ended."""

import os
import sys
import threading
from datetime import timedelta

import torch
import torch.distributed as dist

LONGEST_SILENCE = timedelta(seconds=20)
"""How long a process may not answer before the others end."""

SECONDS_BETWEEN_SIGNS = 1.0
"""The time between two signs of life of a process."""

EXIT_CODE = 1


class ProcessWatch:
    """A thread that exchanges a sign of life with all other processes, about once a second.

    If another process or the parent process has ended, or a process does not answer for ``LONGEST_SILENCE``,
    the thread ends this process at once, so that it writes no file afterwards.
    """

    def __init__(self) -> None:
        self._group = dist.new_group(backend="gloo", timeout=LONGEST_SILENCE)
        self._parent, self._leaves, self._left = os.getppid(), threading.Event(), threading.Event()
        threading.Thread(target=self._run, daemon=True, name="process watch").start()

    def leave(self) -> None:
        """Stop the exchange, once all processes leave. This process may then outlive the others.

        It still ends with its parent.
        """
        self._leaves.set()
        self._left.wait()

    def _run(self) -> None:
        while not self._left.is_set():
            self._check_parent()
            if self._leaving_processes() == dist.get_world_size():
                self._left.set()
            else:
                self._leaves.wait(SECONDS_BETWEEN_SIGNS)
        while True:
            self._check_parent()
            threading.Event().wait(SECONDS_BETWEEN_SIGNS)

    def _check_parent(self) -> None:
        if os.getppid() != self._parent:
            _end_process("torchrun ended")

    def _leaving_processes(self) -> int:
        """The number of processes that leave. This waits for the sign of each process."""
        leaving = torch.tensor(int(self._leaves.is_set()))
        try:
            dist.all_reduce(leaving, group=self._group)
        except RuntimeError:
            _end_process("another process of the training ended or does not answer")
        return int(leaving)


def _end_process(reason: str) -> None:
    print(
        f"Error: {reason}: run the command again, which continues from the last checkpoint",
        file=sys.stderr,
        flush=True,
    )
    os._exit(EXIT_CODE)
