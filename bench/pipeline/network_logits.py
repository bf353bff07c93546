"""Computes the logits of both networks for a view of an image (sections 3.2 and 3.3).

The affinity cache stores these logits. The cache key contains a hash of the sources of this module and of all
modules that it imports. So import nothing here that does not affect the logits.
"""

import numpy as np
import numpy.typing as npt

from bench.pipeline.view import View
from models.inference import Logits, infer
from models.model_folder import Model
from models.tiled_inference import Tiling

TILES_PER_MARGIN = 6
"""The side of a tile is this many times the margin of a tile, whose logits are dropped."""


def network_logits(
    model: Model, image: npt.NDArray[np.uint8], view: View, output_stride: int | None
) -> Logits:
    """Run both networks on a view of ``image`` (H, W, 3) uint8.

    output_stride: the output stride of both networks; None: the stride in the configuration of each network.
    """
    tiling = Tiling(view.tile, view.tile // TILES_PER_MARGIN) if view.is_tiled else None
    return infer(model, view.network_input(image), output_stride, tiling)
