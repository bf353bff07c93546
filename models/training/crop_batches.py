"""The batches of a training: random crops of annotated images, randomly scaled, mirrored and rotated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from models.training.loss_functions import VOID_CLASS
from models.training.pair_targets import VOID_INSTANCE
from models.training.worker_batches import check_shared_memory, iterate_with_workers

BYTES_OF_PIXEL = 3 * 4 + 1 + 4
"""The bytes of a pixel in a ``Batch``: three float32, the class, and the int32 of the instance."""


@dataclass(frozen=True)
class AnnotatedImage:
    """One image to train on. Void pixels are those that the annotation leaves undecided.

    image: (H, W, 3) uint8 RGB.
    semantic: (H, W) uint8, the class of each pixel, ``VOID_CLASS`` for void.
    instances: (H, W) int32, the id of each pixel's instance, 0 for background, ``VOID_INSTANCE`` for void.
    scale: the factor by which the image is enlarged, before the random factor of a crop.
    """

    image: npt.NDArray[np.uint8]
    semantic: npt.NDArray[np.uint8]
    instances: npt.NDArray[np.int32]
    scale: float = 1.0


class ImagesOnDisk(Sequence[AnnotatedImage]):
    """Images that are read when a crop is cut, so that the memory does not grow with their number.

    digest: a digest of all images and annotations, which is in the fingerprint of the training.
    """

    digest: str

    def read(self, index: int) -> AnnotatedImage:
        """Read an image."""
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> AnnotatedImage: ...

    @overload
    def __getitem__(self, index: slice) -> list[AnnotatedImage]: ...

    def __getitem__(self, index: int | slice) -> AnnotatedImage | list[AnnotatedImage]:
        if isinstance(index, slice):
            return [self.read(each) for each in range(*index.indices(len(self)))]
        return self.read(index)


@dataclass(frozen=True)
class Batch:
    """The images of a training step, with their annotation as in ``AnnotatedImage``.

    images: (N, 3, H, W) float32 in [0, 1]. semantic: (N, H, W) uint8. instances: (N, H, W) int32.
    """

    images: Tensor
    semantic: Tensor
    instances: Tensor

    def to(self, device: torch.device) -> "Batch":
        """Return a copy of the batch on ``device``."""
        parts = (self.images, self.semantic, self.instances)
        return Batch(*(part.to(device, non_blocking=True) for part in parts))

    def pin_memory(self) -> "Batch":
        """Return a copy in page-locked memory, which a GPU reads while the program goes on."""
        return Batch(*(part.pin_memory() for part in (self.images, self.semantic, self.instances)))


@dataclass(frozen=True)
class CropChoice:
    """The random numbers of one crop.

    index: the position of the image in the sources. factor: the random factor of the scale.
    exponent: the power to which the values of the crop are raised.
    The other fields are arguments of ``cut_and_transform_crop``.
    """

    index: int
    factor: float
    corner: npt.NDArray[np.float64]
    mirror: bool
    turns: int
    exponent: float


def cut_and_transform_crop(
    source: AnnotatedImage,
    crop: int,
    scale: float,
    corner: npt.NDArray[np.float64],
    mirror: bool,
    turns: int = 0,
) -> Batch:
    """Cut a square with a side of ``crop / scale`` pixels from an image; resize, mirror and rotate it.

    crop: the side in pixels to which the square is resized.

    corner: the position of the square in the image, (2,): (0, 0) is at the top left, (1, 1) is at the bottom
        right.
    mirror: whether the crop is then mirrored from left to right.
    turns: by how many times 90 degrees the crop is then rotated.
    Returns a ``Batch`` whose arrays lack the axis N. The image is resized bilinearly, the annotation by
    nearest neighbour. Where the square reaches beyond the image, pixels are grey, and their annotation void.
    """
    side = round(crop / scale)
    cut = _padded_square(source, side, corner)
    if side != crop:
        cut = _resized_square(cut, crop, antialias=scale < 1)
    images, semantic, instances = cut.images, cut.semantic.to(torch.uint8), cut.instances
    if mirror:
        images, semantic, instances = (part.flip(-1) for part in (images, semantic, instances))
    if turns:
        images, semantic, instances = (
            part.rot90(turns, (-2, -1)) for part in (images, semantic, instances)
        )
    return Batch(images, semantic, instances)


def _padded_square(source: AnnotatedImage, side: int, corner: npt.NDArray[np.float64]) -> Batch:
    """A square of an image. Pixels beyond the image are grey, and their annotation is void."""
    height, width = source.semantic.shape
    top, left = (np.maximum(0, (height - side, width - side)) * corner).round().astype(int)
    window = np.s_[top : top + side, left : left + side]
    image = torch.from_numpy(source.image[window].copy()).permute(2, 0, 1).float() / 255
    semantic = torch.from_numpy(source.semantic[window].astype(np.int32))
    instances = torch.from_numpy(source.instances[window].astype(np.int32))
    missing = (0, side - image.shape[2], 0, side - image.shape[1])
    return Batch(
        F.pad(image, missing, value=0.5),
        F.pad(semantic, missing, value=VOID_CLASS),
        F.pad(instances, missing, value=VOID_INSTANCE),
    )


def _resized_square(cut: Batch, side: int, antialias: bool) -> Batch:
    """A square crop, resized to a side of ``side`` pixels."""
    size = (side, side)
    image = F.interpolate(cut.images[None], size=size, mode="bilinear", antialias=antialias)[0]
    # float64 holds every int32 exactly, float32 does not.
    labels = torch.stack([cut.semantic, cut.instances])[None].double()
    semantic, instances = F.interpolate(labels, size=size, mode="nearest-exact")[0].int()
    return Batch(image, semantic, instances)


class CropBatches:
    """The micro-batches of a training: ``batches[step * micro_batches + part]`` is a part of a step's batch.

    A batch depends only on the seed and the step. So a resumed training uses the same batches as a training
    without interruption, and several processes divide the batch that one process would use.

    sources: the images from which crops are cut. The other arguments are fields of ``TrainingSettings``
        (models.training.training_settings), and are described there.
    """

    def __init__(
        self,
        sources: Sequence[AnnotatedImage],
        crop: int,
        batch: int,
        scales: tuple[float, float],
        seed: int,
        turned: bool = False,
        gamma: float = 1.0,
        micro_batches: int = 1,
    ) -> None:
        self.sources, self.crop, self.batch = sources, crop, batch
        self.scales, self.seed, self.turned, self.gamma = scales, seed, turned, gamma
        self.micro_batches = micro_batches

    def __getitem__(self, number: int) -> Batch:
        step, part = divmod(number, self.micro_batches)
        size = self.batch // self.micro_batches
        return self._cut_batch(self._choices_of_step(step)[part * size : (part + 1) * size])

    def whole_batch(self, step: int) -> Batch:
        """The batch of a step: all its micro-batches together."""
        return self._cut_batch(self._choices_of_step(step))

    def iterate_batches(
        self, numbers: Sequence[int], workers: int, pin_memory: bool = False
    ) -> Iterator[Batch]:
        """Yield the micro-batches with these numbers, in order.

        workers: the number of processes that prepare batches in advance, so that a fast device need not wait.
            If 0, this process prepares each batch when it is needed. Both ways give the same batches.
        pin_memory: whether the batches of workers are copied to page-locked memory, for a GPU.
        Raises ``WorkerError`` at once if the batches of the workers do not fit into shared memory.
        """
        if workers == 0:
            return map(self.__getitem__, numbers)
        size = self.batch // self.micro_batches
        check_shared_memory(size * self.crop**2 * BYTES_OF_PIXEL, workers)
        return iterate_with_workers(self, numbers, workers, pin_memory)

    def _choices_of_step(self, step: int) -> list[CropChoice]:
        """The random numbers of all crops of a step's batch."""
        random = np.random.default_rng((self.seed, step))
        return [self._choose_crop(random) for _ in range(self.batch)]

    def _choose_crop(self, random: np.random.Generator) -> CropChoice:
        low, high = np.log(self.scales)
        return CropChoice(
            int(random.integers(len(self.sources))),
            float(np.exp(random.uniform(low, high))),
            random.random(2),
            bool(random.integers(2)),
            int(random.integers(4)) if self.turned else 0,
            float(self.gamma ** random.uniform(-1, 1)) if self.gamma != 1 else 1.0,
        )

    def _cut_batch(self, choices: Sequence[CropChoice]) -> Batch:
        crops = [self._cut_crop(choice) for choice in choices]
        return Batch(
            torch.stack([crop.images for crop in crops]),
            torch.stack([crop.semantic for crop in crops]),
            torch.stack([crop.instances for crop in crops]),
        )

    def _cut_crop(self, choice: CropChoice) -> Batch:
        """The crop of these random numbers."""
        source = self.sources[choice.index]
        scale = source.scale * choice.factor
        crop = cut_and_transform_crop(
            source, self.crop, scale, choice.corner, choice.mirror, choice.turns
        )
        if self.gamma != 1:
            return replace(crop, images=crop.images**choice.exponent)
        return crop
