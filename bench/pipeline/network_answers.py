"""The logits of both networks for a view of an image (sections 3.2 and 3.3).

The affinity cache stores these logits. The source of this module and of every module that it imports is in
the cache key, so import nothing here that does not affect the logits.
"""

import numpy as np
import numpy.typing as npt

from bench.pipeline.view import View
from models.inference import Logits, infer
from models.model_folder import Model


def network_answers(
    model: Model, image: npt.NDArray[np.uint8], view: View, output_stride: int | None
) -> Logits:
    """The logits for a view of ``image`` (H, W, 3), at one output stride; None: each network's own."""
    return infer(model, view.network_input(image), output_stride)
