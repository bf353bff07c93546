"""How pixels are prepared for a network: contrast, mean and standard deviation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


@dataclass(frozen=True)
class Normalisation:
    """(image - mean) / std, for each RGB channel of images (N, 3, H, W) float32 in [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __repr__(self) -> str:
        # Checkpoints hold these words: the class's name in them is the one it had first.
        return f"Input(mean={self.mean!r}, std={self.std!r})"

    def __call__(self, images: Tensor) -> Tensor:
        mean = torch.tensor(self.mean, device=images.device).view(1, 3, 1, 1)
        std = torch.tensor(self.std, device=images.device).view(1, 3, 1, 1)
        return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


def stretch_contrast(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """An image (H, W, 3) with its 1st percentile moved to 0 and its 99.8th to 255.

    For micrographs, whose exposure tells nothing about their content. An image of one colour becomes black.
    """
    low, high = np.percentile(image, (1, 99.8)) if image.size else (0, 0)
    scaled = (image - low) * (255 / max(high - low, 1e-9))
    return scaled.clip(0, 255).round().astype(np.uint8)
