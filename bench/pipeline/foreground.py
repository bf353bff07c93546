"""Decides which pixels are vertices of the graph of each region (sections 4.1 and 4.5)."""

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
    """For each region, the mask of the pixels in the region's graph (section 4.1).

    The graph of a region of one super-class contains the pixels of this predicted super-class. The graph of
    any other region contains the foreground, or all pixels if ``config.mask`` is off. With ``config.scp``,
    each pixel is in at most one graph (section 4.5): see ``resolve_overlaps``.

    size: (height, width) of the image.
    Returns bool masks (H, W), where (H, W) is the size of the region's prediction.
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
    """Assign each pixel in the masks of several regions to one of these regions.

    Regions of different super-classes may overlap, and a network predicts each region separately. So a
    pixel may be in the masks of two regions. It is assigned to the region whose prediction has the highest
    probability at this pixel, or to the first of several regions with equal probabilities.

    size: (height, width) of the image.
    claims: for each region (box, mask, probability): the box has the size (h, w); the mask is (h, w) bool;
        the probability of the most likely super-class is (h, w) float32.
    Returns for each region the mask of its assigned pixels, (h, w) bool.
    """
    best = np.full(size, -np.inf)
    winner = np.full(size, -1)
    for number, (box, claimed, probability) in enumerate(claims):
        better = claimed & (probability > best[box.slices])
        best[box.slices][better] = probability[better]
        winner[box.slices][better] = number
    return [winner[box.slices] == number for number, (box, _, _) in enumerate(claims)]
