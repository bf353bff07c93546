"""A strategy once the model is known: its numbers, channels and strides, and whether the two fit."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from bench.pipeline.graph import GraphSettings
from bench.pipeline.refinement import LAST_DISTANCE
from bench.pipeline.strategy import Strategy, StrategyError
from merge_impls.canonical_affinities import canonical_offsets
from models.affinity_channels import channel_offsets
from models.model_config import ModelConfig

CONFUSED_CLASSES = ("motorcycle", "bicycle")
"""The two classes that semantic class refinement joins (section 5.3)."""


@dataclass(frozen=True)
class ResolvedStrategy:
    """A strategy with all that it leaves to the model filled in.

    directions: of each channel of the affinity network, the offset to the neighbour.
    offsets: of each undirected affinity map that is made of these channels.
    settings: how predictions become graphs.
    thresholds: r_w of each stage. min_object_pixels: r_c, objects have more pixels.
    strides: the output strides of the semantic and of the affinity network.
    """

    directions: list[tuple[int, int]]
    offsets: list[tuple[int, int]]
    settings: GraphSettings
    thresholds: tuple[float, ...]
    min_object_pixels: int
    strides: tuple[int, int]

    @classmethod
    def of(cls, config: ModelConfig, strategy: Strategy) -> Self:
        """Raises ValueError, one line, if model and strategy do not fit."""
        directions = channel_offsets(config.distances)
        offsets = [(down, right) for down, right in canonical_offsets(directions).tolist()]
        numbers = config.merge_config(strategy.linkage)
        thresholds = strategy.thresholds or numbers.thresholds
        stages = strategy.stages or config.stages
        if len(thresholds) != len(stages):
            raise StrategyError(
                f"strategy: {len(stages)} stages, but {len(thresholds)} thresholds; give `thresholds`"
            )
        return cls(
            directions,
            offsets,
            _settings(config, strategy, offsets),
            thresholds,
            numbers.min_object_pixels if strategy.min_pixels is None else strategy.min_pixels,
            _strides(config, strategy),
        )


def _strides(config: ModelConfig, strategy: Strategy) -> tuple[int, int]:
    wanted = strategy.semantic_stride, strategy.affinity_stride
    semantic, affinity = (
        network.output_stride if stride is None else network.at_stride(stride).output_stride
        for network, stride in zip((config.semantic, config.affinity), wanted, strict=True)
    )
    return semantic, affinity


def _settings(
    config: ModelConfig, strategy: Strategy, offsets: list[tuple[int, int]]
) -> GraphSettings:
    stages = strategy.stages or config.stages
    stage_of = {distance: number for number, stage in enumerate(stages) for distance in stage}
    unknown = sorted(stage_of.keys() - set(config.distances))
    if unknown:
        raise StrategyError(
            f"strategy: the model has no distance {unknown[0]}, only {sorted(config.distances)}"
        )
    distances = np.abs(offsets).max(axis=1).tolist()
    channels = [channel for channel, one in enumerate(distances) if one in stage_of]
    channel_of = {name: 1 + index for index, name in enumerate(config.classes)}
    return GraphSettings(
        channels=channels,
        offsets=[offsets[channel] for channel in channels],
        stages=[stage_of[distances[channel]] for channel in channels],
        super_class_channels=[
            [channel_of[name] for name in group] for group in config.super_classes
        ],
        confused_pair=None if strategy.scr == "off" else _confused_pair(channel_of, stage_of),
    )


def _confused_pair(channel_of: dict[str, int], stage_of: dict[int, int]) -> tuple[int, int]:
    if not channel_of.keys() >= set(CONFUSED_CLASSES) or LAST_DISTANCE not in stage_of:
        raise StrategyError(
            f"strategy: scr needs classes {' and '.join(CONFUSED_CLASSES)} and distance {LAST_DISTANCE}, "
            "which the model or its stages lack; set scr to 'off'"
        )
    first, second = (channel_of[name] for name in CONFUSED_CLASSES)
    return first, second
