"""Prepare the batches of a training in other processes. Each wait for a batch has an end."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, Protocol, TypeVar

from torch.utils.data import DataLoader, Dataset

BATCHES_AHEAD = 2
"""The number of batches that each worker prepares in advance."""

LONGEST_WAIT_SECONDS = 600
"""How long the training waits for a batch before it gives up."""

SHARED_MEMORY_FOLDER = "/dev/shm"
"""The folder of Linux's shared memory, through which workers hand over batches."""

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class WorkerError(RuntimeError):
    """The workers cannot prepare batches. The message says why, and what to do."""


class Indexed(Protocol[Item_co]):
    """Anything that has an item for each step."""

    def __getitem__(self, step: int) -> Item_co:
        """The item of a step."""
        ...


class _ItemOrError(Dataset[Item | Exception], Generic[Item]):
    """The items of ``items``; in the place of an item, the expected error that reading this item raised.

    The training process raises the error again. torch would wrap it in a traceback of many lines.
    """

    def __init__(self, items: Indexed[Item]) -> None:
        self.items = items

    def __getitem__(self, step: int) -> Item | Exception:
        try:
            return self.items[step]
        except (ValueError, OSError) as error:
            return error


def check_shared_memory(batch_bytes: int, workers: int) -> None:
    """Raise ``WorkerError`` if the batches that the workers prepare do not fit into shared memory.

    Without the check, a worker without memory drops its batch, and the training waits for this batch.

    batch_bytes: the size of a batch.
    """
    needed = batch_bytes * (BATCHES_AHEAD * workers + 1)
    free = _free_shared_memory()
    if workers == 0 or needed <= free:
        return
    fitting = max(0, (free // batch_bytes - 1) // BATCHES_AHEAD)
    raise WorkerError(
        f"the batches of {workers} workers need {_megabytes(needed)} in {SHARED_MEMORY_FOLDER}, which has "
        f"{_megabytes(free)} free: take --workers {fitting}, or give the container more (--shm-size)"
    )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _free_shared_memory() -> int:
    """The free bytes of shared memory."""
    status = os.statvfs(SHARED_MEMORY_FOLDER)
    return status.f_bavail * status.f_frsize


def iterate_with_workers(
    items: Indexed[Item], numbers: Sequence[int], workers: int, pin_memory: bool = False
) -> Iterator[Item]:
    """Yield the items with these numbers, in order, which ``workers`` processes prepare.

    pin_memory: whether items are copied to page-locked memory, from which a GPU copies them faster.
    The workers start at once, because torch draws a random number for them. A training that sets the seed of
    each step afterwards is the same with and without workers.
    Raises ``WorkerError`` if a worker ends or no item comes for ``LONGEST_WAIT_SECONDS``. ValueError and
    OSError of an item are raised again.
    """
    loader = DataLoader(
        _ItemOrError(items),
        batch_size=None,
        sampler=numbers,
        num_workers=workers,
        prefetch_factor=BATCHES_AHEAD,
        timeout=LONGEST_WAIT_SECONDS,
        pin_memory=pin_memory,
        worker_init_fn=_leave_process_group,
    )
    return _raise_errors(iter(loader))


def _raise_errors(items: Iterator[Item | Exception]) -> Iterator[Item]:
    """Yield the items; raise an item that is an error."""
    for item in items:
        if isinstance(item, Exception):
            raise item
        yield item


def _leave_process_group(worker: int) -> None:
    """Let the signals of Ctrl-C reach the training alone, which ends its workers after its last step."""
    os.setpgid(0, 0)


@contextmanager
def worker_failures_with_advice() -> Iterator[None]:
    """Replace torch's errors about its workers by a ``WorkerError``, which says what to do.

    torch raises them wherever the program is when a worker ends, not only where it waits for an item.
    """
    try:
        yield
    except RuntimeError as error:
        reason = str(error).partition("\n")[0].rstrip(". ")
        if not reason.startswith("DataLoader"):
            raise
        raise WorkerError(
            f"the workers that prepare crops failed ({reason}): run the command again, which continues from "
            "the last checkpoint, with fewer --workers if memory was short"
        ) from error
