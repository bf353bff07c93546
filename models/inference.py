"""What the networks answer: logits at output stride, and probabilities at full size made from them."""

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
    """The answers of both networks for one image, as the cache keeps them.

    semantic (1 + C, h, w) and affinity (8 D, h, w): float16 logits at output stride s,
    h = ceil(H / s), w = ceil(W / s); the two strides may differ.
    """

    semantic: npt.NDArray[np.float16]
    affinity: npt.NDArray[np.float16]


@dataclass(frozen=True)
class Probabilities:
    """semantic (1 + C, H, W) float32, softmax; affinity (8 D, H, W) float32, sigmoid, both directions."""

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

    output_stride: of both networks; by default each runs at its own, that of ``model.toml``.
    tiling: run on tiles one after the other, which bounds the memory; by default on whole images.
    The contrast of each image is stretched first if the model asks for it.
    Raises ``ValueError`` for images of several sizes and for a stride that networks do not have.
    """
    sizes = sorted({image.shape[:2] for image in images})
    if len(sizes) != 1:
        raise ValueError(
            f"a batch is of images of one size, these have {sizes}; give them one by one"
        )
    prepared = [stretch_contrast(image) if model.config.stretch else image for image in images]
    pixels = torch.from_numpy(np.stack(prepared)).to(model.device).permute(0, 3, 1, 2).float() / 255
    inputs = model.preprocess(pixels)

    def answer(network: DeepLabV3, config: NetworkConfig) -> npt.NDArray[np.float16]:
        network.set_output_stride(config.output_stride if output_stride is None else output_stride)
        # By default a GPU's convolutions round their inputs to 10 bits and add up in any order.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            logits = run_in_tiles(network, inputs, tiling) if tiling else network(inputs)
        half: npt.NDArray[np.float16] = logits.half().cpu().numpy()
        return half

    semantic = answer(model.semantic, model.config.semantic)
    affinity = answer(model.affinity, model.config.affinity)
    return [Logits(*of_image) for of_image in zip(semantic, affinity, strict=True)]


def probabilities(
    logits: Logits, size: tuple[int, int], output_strides: tuple[int, int]
) -> Probabilities:
    """Upsample logits to ``size`` (H, W), then softmax and sigmoid (section 3.3).

    output_strides: those of the semantic and of the affinity logits.
    """
    semantic, affinity = output_strides
    return Probabilities(
        class_probabilities(logits.semantic, size, semantic),
        _upsampled(logits.affinity, size, affinity).sigmoid().numpy(),
    )


def class_probabilities(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> npt.NDArray[np.float32]:
    """The semantic part of ``probabilities`` alone: (1 + C, H, W)."""
    classes: npt.NDArray[np.float32] = (
        _upsampled(logits, size, output_stride).softmax(dim=0).numpy()
    )
    return classes


@torch.inference_mode()
def _upsampled(
    logits: npt.NDArray[np.float16], size: tuple[int, int], output_stride: int
) -> Tensor:
    return upsample(torch.from_numpy(logits)[None].float(), size, output_stride)[0]
