"""What a network sees of an image."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Input:
    """(image - mean) / std, per RGB channel, of images (N, 3, H, W) scaled to [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __call__(self, images: Tensor) -> Tensor:
        mean = torch.tensor(self.mean, device=images.device).view(1, 3, 1, 1)
        std = torch.tensor(self.std, device=images.device).view(1, 3, 1, 1)
        return ((images - mean) / std).contiguous(memory_format=torch.channels_last)
