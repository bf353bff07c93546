"""What the networks answer: logits at output stride (kept), probabilities at full size (derived)."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3, upsample
from models.folder import Model
from models.normalisation import stretched


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


@torch.inference_mode()
def infer(model: Model, image: np.ndarray) -> Logits:
    """Run both networks on one picture (H, W, 3) uint8, in float32.

    A model that wants its images stretched has the contrast of this picture drawn out.
    """
    image = stretched(image) if model.config.stretch else image
    pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float() / 255
    inputs = model.preprocess(pixels)

    def answer(network: DeepLabV3) -> np.ndarray:
        return network(inputs)[0].half().numpy()

    return Logits(answer(model.semantic), answer(model.affinity))


@torch.inference_mode()
def probabilities(logits: Logits, size: tuple[int, int]) -> Probabilities:
    """Upsample kept logits to ``size`` (H, W), then softmax and sigmoid (section 3.3)."""

    def full(kept: np.ndarray) -> Tensor:
        return upsample(torch.from_numpy(kept)[None].float(), size)[0]

    return Probabilities(
        full(logits.semantic).softmax(dim=0).numpy(), full(logits.affinity).sigmoid().numpy()
    )
