"""Inference: logits at the output stride, and probabilities at full resolution computed from them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3, upsample
from models.image_preprocessing import stretch_contrast
from models.model_config import NetworkConfig
from models.model_folder import Model
from models.tiled_inference import Tiling, run_in_tiles


@dataclass(frozen=True)
class Logits:
    """The logits of both networks for one image, as the cache stores them.

    semantic (1 + C, h, w) and affinity (8 D, h, w): float16 logits at output stride s,
    h = ceil(H / s), w = ceil(W / s); the two strides may differ.
    """

    semantic: npt.NDArray[np.float16]
    affinity: npt.NDArray[np.float16]


@dataclass(frozen=True)
class Probabilities:
    """The probabilities of both networks for one image.

    semantic: (1 + C, H, W) float32, class probabilities. affinity: (8 D, H, W) float32, both directions of
    each pair.
    """

    semantic: npt.NDArray[np.float32]
    affinity: npt.NDArray[np.float32]


def infer(
    model: Model,
    image: npt.NDArray[np.uint8],
    output_stride: int | None = None,
    tiling: Tiling | None = None,
) -> Logits:
    """Run both networks on one image (H, W, 3); see ``infer_batch``."""
    return infer_batch(model, [image], output_stride, tiling)[0]


@torch.inference_mode()
def infer_batch(
    model: Model,
    images: Sequence[npt.NDArray[np.uint8]],
    output_stride: int | None = None,
    tiling: Tiling | None = None,
) -> list[Logits]:
    """Run both networks on images (H, W, 3) of one size, in float32, on the model's device.

    output_stride: the output stride of both networks; by default that of each network in ``model.toml``.
    tiling: run on one tile after the other, which bounds the memory; by default on whole images.
    The contrast of each image is stretched first if ``model.toml`` says so.
    Raises ``ValueError`` for images of several sizes and for an unknown output stride.
    """
    sizes = sorted({image.shape[:2] for image in images})
    if len(sizes) != 1:
        raise ValueError(
            f"images of a batch must be of one size, these have {sizes}; pass them one by one"
        )
    prepared = [stretch_contrast(image) if model.config.stretch else image for image in images]
    pixels = torch.from_numpy(np.stack(prepared)).to(model.device).permute(0, 3, 1, 2).float() / 255
    inputs = model.preprocess(pixels)

    def run(network: DeepLabV3, config: NetworkConfig) -> npt.NDArray[np.float16]:
        network.set_output_stride(config.output_stride if output_stride is None else output_stride)
        # Without these flags, convolutions on a GPU round inputs to 10 bits and sum in no fixed order.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            logits = run_in_tiles(network, inputs, tiling) if tiling else network(inputs)
        half: npt.NDArray[np.float16] = logits.half().cpu().numpy()
        return half

    semantic = run(model.semantic, model.config.semantic)
    affinity = run(model.affinity, model.config.affinity)
    return [Logits(*of_image) for of_image in zip(semantic, affinity, strict=True)]


def probabilities(
    logits: Logits, size: tuple[int, int], output_strides: tuple[int, int]
) -> Probabilities:
    """Upsample logits to ``size`` (H, W), then apply softmax and sigmoid (section 3.3).

    output_strides: the output strides of the semantic and of the affinity logits.
    """
    semantic, affinity = output_strides
    return Probabilities(
        class_probabilities(logits.semantic, size, semantic),
        affinity_probabilities(logits.affinity, size, affinity),
    )


def class_probabilities(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> npt.NDArray[np.float32]:
    """The semantic part of ``probabilities``: (1 + C, H, W) float32."""
    classes: npt.NDArray[np.float32] = (
        _upsampled(logits, size, output_stride).softmax(dim=0).numpy()
    )
    return classes


def affinity_probabilities(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> npt.NDArray[np.float32]:
    """The affinity part of ``probabilities`` alone: (8 D, H, W), both directions."""
    affinities: npt.NDArray[np.float32] = _upsampled(logits, size, output_stride).sigmoid().numpy()
    return affinities


@torch.inference_mode()
def _upsampled(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> Tensor:
    """Logits (C, H, W) float32 at full resolution."""
    return upsample(torch.from_numpy(logits)[None].float(), size, output_stride)[0]
