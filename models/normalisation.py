"""What a network sees of an image."""

from dataclasses import dataclass

import numpy as np
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


def stretched(image: np.ndarray) -> np.ndarray:
    """An image (H, W, 3) uint8 with its contrast drawn out, from its 1st to its 99.8th percentile.

    For micrographs, whose exposure says nothing of what they show. An image of one colour becomes black.
    """
    low, high = np.percentile(image, (1, 99.8)) if image.size else (0, 0)
    scaled = (image - low) * (255 / max(high - low, 1e-9))
    return scaled.clip(0, 255).round().astype(np.uint8)
