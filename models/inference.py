"""What the networks answer: logits at output stride (kept), probabilities at full size (derived)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3, upsample
from models.model_config import NetworkConfig
from models.model_folder import Model
from models.normalisation import stretched
from models.tiled_inference import Tiling, tiled


@dataclass(frozen=True)
class Logits:
    """The answers of both networks for one picture, as they are kept.

    semantic (1 + C, h, w) and affinity (8 D, h, w): float16 logits at output stride s,
    h = ceil(H / s), w = ceil(W / s); the two strides may differ.
    """

    semantic: np.ndarray
    affinity: np.ndarray


@dataclass(frozen=True)
class Probabilities:
    """semantic (1 + C, H, W) float32, softmax; affinity (8 D, H, W) float32, sigmoid, both directions."""

    semantic: np.ndarray
    affinity: np.ndarray


def infer(
    model: Model, image: np.ndarray, output_stride: int | None = None, tiling: Tiling | None = None
) -> Logits:
    """Run both networks on one picture (H, W, 3) uint8, in float32; see ``infer_batch``."""
    return infer_batch(model, [image], output_stride, tiling)[0]


@torch.inference_mode()
def infer_batch(
    model: Model,
    images: Sequence[np.ndarray],
    output_stride: int | None = None,
    tiling: Tiling | None = None,
) -> list[Logits]:
    """Run both networks on pictures (H, W, 3) uint8 of one size at once, in float32, where the model lies.

    output_stride: of both networks; by default each runs at its own, that of ``model.toml``.
    tiling: look at tiles one after the other, so that memory is bounded; by default at the whole.
    A model that wants its images stretched has the contrast of each picture drawn out.
    Raises ``ValueError`` for pictures of several sizes and for a stride that networks do not have.
    """
    sizes = sorted({image.shape[:2] for image in images})
    if len(sizes) != 1:
        raise ValueError(f"a batch is of pictures of one size, these have {sizes}; give them apart")
    prepared = [stretched(image) if model.config.stretch else image for image in images]
    pixels = torch.from_numpy(np.stack(prepared)).to(model.device).permute(0, 3, 1, 2).float() / 255
    inputs = model.preprocess(pixels)

    def answer(network: DeepLabV3, config: NetworkConfig) -> np.ndarray:
        network.set_output_stride(config.output_stride if output_stride is None else output_stride)
        # On a GPU convolutions would else round their inputs to 10 bits, and may add up in any order.
        with torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False):
            logits = tiled(network, inputs, tiling) if tiling else network(inputs)
        return logits.half().cpu().numpy()

    both = (
        answer(model.semantic, model.config.semantic),
        answer(model.affinity, model.config.affinity),
    )
    return [Logits(*of_one) for of_one in zip(*both, strict=True)]


def probabilities(
    logits: Logits, size: tuple[int, int], output_strides: tuple[int, int]
) -> Probabilities:
    """Upsample kept logits to ``size`` (H, W), then softmax and sigmoid (section 3.3).

    output_strides: those of the semantic and of the affinity logits.
    """
    semantic, affinity = output_strides
    return Probabilities(
        class_probabilities(logits.semantic, size, semantic),
        _full(logits.affinity, size, affinity).sigmoid().numpy(),
    )


def class_probabilities(
    logits: np.ndarray, size: tuple[int, int], output_stride: int
) -> np.ndarray:
    """The semantic part of ``probabilities`` alone: (1 + C, H, W) float32."""
    return _full(logits, size, output_stride).softmax(dim=0).numpy()


@torch.inference_mode()
def _full(kept: np.ndarray, size: tuple[int, int], output_stride: int) -> Tensor:
    return upsample(torch.from_numpy(kept)[None].float(), size, output_stride)[0]
