"""The running statistics of batch normalisation in a step with several micro-batches.

Each micro-batch is normalised by its own mean and variance. After the step, the running statistics are the
mean of those that each micro-batch alone would leave. So they do not depend on which process computes which
micro-batch.
"""

import torch
from torch import Tensor, nn


class RunningStatistics:
    """The running statistics of a network: their values before a step, and the sum over its micro-batches."""

    def __init__(self, network: nn.Module) -> None:
        buffers = list(network.buffers())
        self._statistics = [buffer for buffer in buffers if buffer.is_floating_point()]
        self._counters = [buffer for buffer in buffers if not buffer.is_floating_point()]
        self._before = [buffer.clone() for buffer in self._statistics]
        self._counters_before = [buffer.clone() for buffer in self._counters]
        self._sum = torch.zeros_like(self._joined())
        self._count = 0

    def _joined(self) -> Tensor:
        return torch.cat([buffer.flatten() for buffer in self._statistics])

    def collect(self) -> None:
        """Add the present statistics to the sum, and set them back to those before the step."""
        self._sum += self._joined()
        self._count += 1
        for buffer, before in zip(self._statistics, self._before, strict=True):
            buffer.copy_(before)

    def mean(self) -> Tensor:
        """The mean of the collected statistics, one axis."""
        return self._sum / self._count

    def replace(self, mean: Tensor) -> None:
        """Set the statistics of the network to ``mean``. Its counters of batches count the step once."""
        parts = torch.split(mean, [buffer.numel() for buffer in self._statistics])
        for buffer, part in zip(self._statistics, parts, strict=True):
            buffer.copy_(part.view_as(buffer))
        for counter, before in zip(self._counters, self._counters_before, strict=True):
            counter.copy_(before + 1)
