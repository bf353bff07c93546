"""Training batches: random crops, mirrored and enlarged, from annotated images in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from models.training.loss_functions import IGNORE_LABEL
from models.training.pair_targets import VOID_INSTANCE


@dataclass(frozen=True)
class Annotated:
    """One image to learn from: image (H, W, 3) uint8, semantic (H, W) uint8 with 255 void, instances
    (H, W) int32 with ``VOID_INSTANCE`` void."""

    image: np.ndarray
    semantic: np.ndarray
    instances: np.ndarray


@dataclass(frozen=True)
class Batch:
    """images (N, 3, H, W) float32 in [0, 1]; semantic (N, H, W) uint8; instances (N, H, W) int32."""

    images: Tensor
    semantic: Tensor
    instances: Tensor

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        parts = (self.images, self.semantic, self.instances)
        return Batch(*(part.to(device, non_blocking=True) for part in parts))


def enlarged_crop(
    source: Annotated,
    crop: int,
    scale: float,
    corner: np.ndarray,
    mirror: bool,
    turns: int = 0,
) -> Batch:
    """A square of ``crop`` / ``scale`` pixels of the image, enlarged to ``crop`` pixels, perhaps mirrored and
    turned by quarters.

    corner: where the square lies, as a share (2,) of the room there is. What lies outside a small image
    is void. The picture is enlarged bilinearly, the labels by nearest neighbour.
    """
    side = round(crop / scale)
    height, width = source.semantic.shape
    top, left = (np.maximum(0, (height - side, width - side)) * corner).round().astype(int)
    window = np.s_[top : top + side, left : left + side]
    image = torch.from_numpy(source.image[window].copy()).permute(2, 0, 1).float() / 255
    labels = torch.stack(
        [
            torch.from_numpy(source.semantic[window].astype(np.int32)),
            torch.from_numpy(source.instances[window].astype(np.int32)),
        ]
    )
    missing = (0, side - image.shape[2], 0, side - image.shape[1])
    image = F.pad(image, missing, value=0.5)
    semantic = F.pad(labels[0], missing, value=IGNORE_LABEL)
    instances = F.pad(labels[1], missing, value=VOID_INSTANCE)
    if side != crop:
        image = F.interpolate(image[None], size=(crop, crop), mode="bilinear", antialias=scale < 1)[
            0
        ]
        both = torch.stack([semantic, instances])[None].double()
        semantic, instances = F.interpolate(both, size=(crop, crop), mode="nearest-exact")[0].int()
    if mirror:
        image, semantic, instances = (part.flip(-1) for part in (image, semantic, instances))
    if turns:
        image, semantic, instances = (
            part.rot90(turns, (-2, -1)) for part in (image, semantic, instances)
        )
    return Batch(image, semantic.to(torch.uint8), instances)


class Crops(Dataset):
    """``crops[step]`` is the batch of a step: a function of seed and step alone, so that a resumed training
    sees what an uninterrupted one would have seen."""

    def __init__(
        self,
        sources: Sequence[Annotated],
        crop: int,
        batch: int,
        scales: tuple[float, float],
        seed: int,
        turned: bool = False,
        gamma: float = 1.0,
    ) -> None:
        self.sources, self.crop, self.batch = sources, crop, batch
        self.scales, self.seed, self.turned, self.gamma = scales, seed, turned, gamma

    def _one(self, random: np.random.Generator) -> Batch:
        low, high = np.log(self.scales)
        part = enlarged_crop(
            self.sources[random.integers(len(self.sources))],
            self.crop,
            float(np.exp(random.uniform(low, high))),
            random.random(2),
            bool(random.integers(2)),
            int(random.integers(4)) if self.turned else 0,
        )
        if self.gamma != 1:
            exponent = float(self.gamma ** random.uniform(-1, 1))
            return replace(part, images=part.images**exponent)
        return part

    def __getitem__(self, step: int) -> Batch:
        random = np.random.default_rng((self.seed, step))
        parts = [self._one(random) for _ in range(self.batch)]
        return Batch(
            torch.stack([part.images for part in parts]),
            torch.stack([part.semantic for part in parts]),
            torch.stack([part.instances for part in parts]),
        )

    def ahead(self, steps: range, workers: int) -> Iterator[Batch]:
        """The batches of ``steps``, in order: each drawn when it is asked for, or ahead by ``workers``
        processes, so that a fast device does not wait for it. The batches are the same."""
        if workers == 0:
            return map(self.__getitem__, steps)
        return iter(DataLoader(self, batch_size=None, sampler=steps, num_workers=workers))
