"""Decides which pixels the graph of each region holds (sections 4.1 and 4.5).

Graphs leave the background out, and no pixel is in two graphs.
"""

from collections.abc import Sequence

import numpy as np

from bench.pipeline.config import PipelineConfig
from bench.pipeline.prediction import Prediction
from bench.pipeline.regions import Region
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.super_classes import most_likely_super_class
from bench.pipeline.view import Box
from bench.types import Size
from merge_impls.arrays import BoolArray, Float32Array


def graph_masks(
    regions: Sequence[Region],
    predictions: Sequence[Prediction],
    config: PipelineConfig,
    size: Size,
) -> list[BoolArray]:
    """The mask of each region's graph: the pixels that the graph holds (section 4.1).

    A region of one super-class keeps the pixels that are predicted to be of this super-class. Any other
    region keeps its foreground, or all its pixels if ``mask`` is off. With ``scp``, a pixel that regions of
    several super-classes claim is given to one of them (section 4.5).

    size: (height, width) of the image.
    Returns for each region (H, W) bool, where (H, W) is the size of its prediction.
    """
    masks, claims = [], []
    for region, prediction in zip(regions, predictions, strict=True):
        super_class, probability = most_likely_super_class(
            prediction.semantic, config.super_class_channels
        )
        mask = resize_nearest(region.pixels, prediction.size)
        if region.super_class:
            mask = mask & (super_class == region.super_class)
        elif config.mask:
            mask = mask & (super_class > 0)
        masks.append(mask)
        original = prediction.original_size
        own = resize_nearest(mask, original), resize_nearest(probability, original)
        claims.append((region.box, *own))
    if not config.scp:
        return masks
    kept = resolve_overlaps(size, claims)
    return [mask & resize_nearest(own, mask.shape) for mask, own in zip(masks, kept, strict=True)]


def resolve_overlaps(
    size: Size, claims: Sequence[tuple[Box, BoolArray, Float32Array]]
) -> list[BoolArray]:
    """Give each pixel that several regions claim to one of these regions.

    Regions of different super-classes may overlap. Their predictions are made separately, from enlarged
    pictures, so that both may claim the same pixel. The pixel is given to the region with the highest
    probability there; of equal probabilities the first counts.

    size: (height, width) of the image.
    claims: for each region its box of size (h, w), the pixels (h, w) bool that the region claims in the box,
        and the probabilities (h, w) of its super-class there.
    Returns for each region the pixels that it keeps, (h, w) bool.
    """
    best = np.full(size, -np.inf)
    winner = np.full(size, -1)
    for number, (box, claimed, probability) in enumerate(claims):
        better = claimed & (probability > best[box.slices])
        best[box.slices][better] = probability[better]
        winner[box.slices][better] = number
    return [winner[box.slices] == number for number, (box, _, _) in enumerate(claims)]
