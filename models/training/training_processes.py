"""The processes that train one network together, which ``torchrun`` starts, such as one for each GPU."""

import os
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from models.training.process_watch import ProcessWatch

GRADIENT_WAIT = timedelta(minutes=10)
"""How long a process waits for the gradients of the others."""

CONTROL_WAIT = timedelta(hours=2)
"""How long a process waits while another one reads or hashes images. A process that ended is found sooner."""

Value = TypeVar("Value")


class LostProcessError(RuntimeError):
    """Another process of the training ended. The message says what to do."""


@dataclass(frozen=True)
class TrainingProcesses:
    """This process and the others that train the same network. Without arguments, there is only this one.

    rank: the number of this process. size: the number of processes.
    control: the group through which the processes agree, on the CPU.
    """

    rank: int = 0
    size: int = 1
    control: Any = field(default=None, repr=False)

    @property
    def is_first(self) -> bool:
        """Whether this is the process with rank 0, which alone writes files."""
        return self.rank == 0

    def own_parts(self, micro_batches: int) -> range:
        """The micro-batches of a step that this process computes.

        Raises ValueError if the processes cannot have the same number of them.
        """
        if micro_batches % self.size:
            raise ValueError(
                f"{self.size} processes train, but micro_batches is {micro_batches}: set it to a multiple of "
                f"{self.size} in a copy of the recipe, or start another number of processes"
            )
        each = micro_batches // self.size
        return range(self.rank * each, (self.rank + 1) * each)

    def replicate(self, network: nn.Module) -> nn.Module:
        """The network, whose gradients are averaged over the processes; its weights become those of rank 0.

        Its running statistics are not exchanged in a step; see ``running_statistics``.
        """
        if self.size == 1:
            return network
        with warnings.catch_warnings():
            # The new name of ``broadcast_buffers`` does not exist in PyTorch 2.6 to 2.12.
            warnings.filterwarnings("ignore", "`broadcast_buffers`", FutureWarning)
            return DistributedDataParallel(
                network, broadcast_buffers=False, gradient_as_bucket_view=True
            )

    def average(self, values: Tensor) -> Tensor:
        """The mean of the tensors of all processes. Each process gets the same bits."""
        if self.size == 1:
            return values
        total = values.clone()
        dist.all_reduce(total)
        return total / self.size

    def agree_on_signal(self, number: int | None) -> int | None:
        """The largest of the numbers that the processes have; None if no process has one."""
        if self.size == 1:
            return number
        largest = torch.tensor(number or 0)
        dist.all_reduce(largest, dist.ReduceOp.MAX, group=self.control)
        return int(largest) or None

    def share(self, value: Value) -> Value:
        """The ``value`` of rank 0."""
        if self.size == 1:
            return value
        shared = [value]
        dist.broadcast_object_list(shared, src=0, group=self.control)
        return shared[0]

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.size > 1:
            dist.barrier(group=self.control)


ONE_PROCESS = TrainingProcesses()
"""A training without other processes."""


def without_exchange(replica: nn.Module) -> AbstractContextManager[None]:
    """Within the block, ``backward`` leaves the gradients of a replica in this process."""
    if isinstance(replica, DistributedDataParallel):
        return replica.no_sync()
    return nullcontext()


def device_of_process(device: str) -> str:
    """The device of this process: with ``torchrun``, "cuda" means the GPU with the local rank.

    Raises ValueError if several processes would share a GPU.
    """
    local_size = int(os.environ.get("LOCAL_WORLD_SIZE", 1)) if _has_other_processes() else 1
    if device == "cuda" and _has_other_processes():
        return f"cuda:{os.environ['LOCAL_RANK']}"
    if device.startswith("cuda:") and local_size > 1:
        raise ValueError(
            f"device is {device!r}, but {local_size} processes train on this machine: take 'cuda', which is "
            "another GPU in each of them"
        )
    return device


def _has_other_processes() -> bool:
    return dist.is_torchelastic_launched() and int(os.environ["WORLD_SIZE"]) > 1


def is_first_process() -> bool:
    """Whether this process has rank 0, or was not started by ``torchrun``."""
    return not _has_other_processes() or os.environ["RANK"] == "0"


@contextmanager
def joined_processes(device: torch.device, *agreed: type[Exception]) -> Iterator[TrainingProcesses]:
    """Join the other processes that ``torchrun`` started, until all of them leave the block.

    Within the block, this process ends if another one does, at most ``LONGEST_SILENCE`` later.

    agreed: the exceptions that all processes raise in the same step. After other exceptions, this process
        ends without waiting for the others.
    Raises ``LostProcessError`` if another process ends first.
    """
    if not _has_other_processes():
        yield ONE_PROCESS
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    backend = "nccl" if device.type == "cuda" else "gloo"
    with _lost_processes_with_advice():
        dist.init_process_group(backend, timeout=GRADIENT_WAIT)
        control = dist.new_group(backend="gloo", timeout=CONTROL_WAIT)
        watch = ProcessWatch()
        processes = TrainingProcesses(dist.get_rank(), dist.get_world_size(), control)
        try:
            yield processes
        except agreed:
            processes.wait()
            watch.leave()
            raise
        processes.wait()
        watch.leave()
    dist.destroy_process_group()


@contextmanager
def _lost_processes_with_advice() -> Iterator[None]:
    """Replace the errors of a broken connection to another process by a ``LostProcessError``."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        if not any(library in reason.lower() for library in ("gloo", "nccl", "connection")):
            raise
        raise LostProcessError(
            "another process of the training ended or cannot be reached: run the command again, which "
            f"continues from the last checkpoint ({reason})"
        ) from error
