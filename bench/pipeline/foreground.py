"""The pixels of each region that its graph holds: no background, no pixel in two graphs (4.1 and 4.5)."""

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
    """The pixels that the graph of each region holds (section 4.1), (H, W) bool at its prediction's size.

    A region of one super-class keeps the pixels that are predicted to be of that super-class. Any other
    region keeps its foreground, or with ``mask`` off all its pixels. With ``scp`` a pixel that regions of
    several super-classes claim goes to one of them (section 4.5).
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
    """Give each pixel that several regions claim to one of them, so that no pixel is in two graphs.

    Regions of different super-classes may share blocks, and their predictions, made from enlarged pictures,
    may disagree about the pixels there. A pixel goes to the claim with the highest probability for it, of
    equal ones to the first.

    size: (height, width) of the image. claims: for each region its box, the pixels (h, w) bool that it claims
    there, and its probabilities (h, w) for them. Returns the pixels that each region keeps, (h, w) bool.
    """
    best = np.full(size, -np.inf)
    winner = np.full(size, -1)
    for number, (box, claimed, probability) in enumerate(claims):
        better = claimed & (probability > best[box.slices])
        best[box.slices][better] = probability[better]
        winner[box.slices][better] = number
    return [winner[box.slices] == number for number, (box, _, _) in enumerate(claims)]
