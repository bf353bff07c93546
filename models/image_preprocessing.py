"""The preparation of images for the networks: contrast stretching, and normalisation of the channels."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


@dataclass(frozen=True)
class Normalisation:
    """A function that computes (image - mean) / std of images (N, 3, H, W) float32 in [0, 1].

    mean, std: one value for each RGB channel.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __repr__(self) -> str:
        # Checkpoints contain this text, so it keeps the name that the class had when they were written.
        return f"Input(mean={self.mean!r}, std={self.std!r})"

    def __call__(self, images: Tensor) -> Tensor:
        mean = torch.tensor(self.mean, device=images.device).view(1, 3, 1, 1)
        std = torch.tensor(self.std, device=images.device).view(1, 3, 1, 1)
        return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


def stretch_contrast(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Scale the values of an image (H, W, 3) so that the 1st percentile is 0 and the 99.8th is 255.

    This makes micrographs of different exposure alike. An image of one colour becomes black.
    """
    low, high = np.percentile(image, (1, 99.8)) if image.size else (0, 0)
    scaled = (image - low) * (255 / max(high - low, 1e-9))
    return scaled.clip(0, 255).round().astype(np.uint8)
