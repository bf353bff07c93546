"""Inference: run both networks on images, and convert their logits to probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3, upsample_logits
from models.image_preprocessing import stretch_contrast
from models.model_config import NetworkConfig
from models.model_folder import Model
from models.tiled_inference import Tiling, run_in_tiles


@dataclass(frozen=True)
class Logits:
    """The logits of both networks for one image, in the form that the cache stores.

    semantic: (1 + C, h, w) float16, background and C classes. affinity: (8 D, h, w) float16, D distances.
    At output stride s, h = ceil(H / s) and w = ceil(W / s). The output strides of the networks may differ.
    """

    semantic: npt.NDArray[np.float16]
    affinity: npt.NDArray[np.float16]


@dataclass(frozen=True)
class Probabilities:
    """The probabilities that both networks predict for one image, at full resolution.

    semantic: (1 + C, H, W) float32, the probability of background and of each class.
    affinity: (8 D, H, W) float32, the probability that a pixel and its neighbour are in the same instance.
        Each pair of pixels has two values, one from either pixel.
    """

    semantic: npt.NDArray[np.float32]
    affinity: npt.NDArray[np.float32]


def infer(
    model: Model,
    image: npt.NDArray[np.uint8],
    output_stride: int | None = None,
    tiling: Tiling | None = None,
) -> Logits:
    """Run both networks on one image (H, W, 3). The other arguments are those of ``infer_batch``."""
    return infer_batch(model, [image], output_stride, tiling)[0]


@torch.inference_mode()
def infer_batch(
    model: Model,
    images: Sequence[npt.NDArray[np.uint8]],
    output_stride: int | None = None,
    tiling: Tiling | None = None,
) -> list[Logits]:
    """Run both networks on images (H, W, 3) of one size, in float32, on the model's device.

    output_stride: the output stride of both networks. By default, each network has its output stride from
        ``model.toml``.
    tiling: the size of tiles. The networks then run on one tile after the other, which bounds the memory. By
        default, they run on whole images.
    If ``stretch`` is true in ``model.toml``, the contrast of each image is stretched first.
    Raises ValueError if the images differ in size, or if the output stride is not 4, 8, 16 or 32.
    """
    sizes = sorted({image.shape[:2] for image in images})
    if len(sizes) != 1:
        raise ValueError(
            f"all images of a batch must have one size, but these have {sizes}; pass them one by one"
        )
    prepared = [stretch_contrast(image) if model.config.stretch else image for image in images]
    pixels = torch.from_numpy(np.stack(prepared)).to(model.device).permute(0, 3, 1, 2).float() / 255
    inputs = model.normalisation(pixels)

    def logits_of_network(network: DeepLabV3, config: NetworkConfig) -> npt.NDArray[np.float16]:
        network.set_output_stride(config.output_stride if output_stride is None else output_stride)
        # By default, a GPU rounds the inputs of convolutions to 10 bits and adds in no fixed order.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            logits = run_in_tiles(network, inputs, tiling) if tiling else network(inputs)
        half: npt.NDArray[np.float16] = logits.half().cpu().numpy()
        return half

    semantic = logits_of_network(model.semantic, model.config.semantic)
    affinity = logits_of_network(model.affinity, model.config.affinity)
    return [Logits(*of_image) for of_image in zip(semantic, affinity, strict=True)]


def probabilities(
    logits: Logits, size: tuple[int, int], output_strides: tuple[int, int]
) -> Probabilities:
    """Upsample logits to ``size`` (H, W), then apply softmax to classes and sigmoid to affinities.

    output_strides: the output stride of the semantic logits, and that of the affinity logits.
    """
    semantic, affinity = output_strides
    return Probabilities(
        class_probabilities(logits.semantic, size, semantic),
        affinity_probabilities(logits.affinity, size, affinity),
    )


def class_probabilities(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> npt.NDArray[np.float32]:
    """Class probabilities (1 + C, H, W) float32 of ``size`` (H, W), from logits at the output stride."""
    classes: npt.NDArray[np.float32] = (
        _full_resolution_logits(logits, size, output_stride).softmax(dim=0).numpy()
    )
    return classes


def affinity_probabilities(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> npt.NDArray[np.float32]:
    """Affinities (8 D, H, W) float32 in [0, 1] of ``size`` (H, W), from logits at the output stride."""
    affinities: npt.NDArray[np.float32] = (
        _full_resolution_logits(logits, size, output_stride).sigmoid().numpy()
    )
    return affinities


@torch.inference_mode()
def _full_resolution_logits(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> Tensor:
    """Upsample the logits (C, h, w) of one image to (C, H, W) float32, where ``size`` is (H, W)."""
    return upsample_logits(torch.from_numpy(logits)[None].float(), size, output_stride)[0]
