"""Helpers for tests of graphs: a configuration with offsets longer than the small test images."""

from itertools import product

from bench.datasets.cityscapes_labels import CLASS_NAMES, SUPER_CLASSES
from bench.pipeline.config import PLAIN
from bench.pipeline.graph import build_graph
from bench.pipeline.local_merge import force_local_merge
from bench.pipeline.refinement import apply_refinements
from bench.pipeline.super_classes import most_likely_super_class
from models.model_config import MergeConfig, ModelConfig, NetworkConfig

GROUPS = [[1, 2], [3, 4, 5, 6], [7, 8]]
SIZE = (5, 7)
STEPS = ((0, 1), (1, -1), (1, 0), (1, 1))
OFFSETS = [(distance * dy, distance * dx) for distance in (1, 3, 7) for dy, dx in STEPS]

MODEL = ModelConfig(
    name="for graphs",
    classes=CLASS_NAMES,
    super_classes=SUPER_CLASSES,
    stages=((1,), (3, 7)),
    mean=(0.5, 0.5, 0.5),
    std=(0.25, 0.25, 0.25),
    crop=64,
    semantic=NetworkConfig(channels=1 + len(CLASS_NAMES)),
    affinity=NetworkConfig(channels=2 * len(OFFSETS)),
    merge={linkage: MergeConfig((0.9, 0.4), 0) for linkage in ("average", "weighted")},
)


def pairs(size, offset):
    """All pairs of pixels (p, p + offset) that are inside an image."""
    for y, x in product(range(size[0]), range(size[1])):
        there = y + offset[0], x + offset[1]
        if 0 <= there[0] < size[0] and 0 <= there[1] < size[1]:
            yield (y, x), there


def graph_of(prediction, linkage="average", **changes):
    """The graph of the whole foreground of a prediction."""
    mask = most_likely_super_class(prediction.semantic, GROUPS)[0] > 0
    config = PLAIN.replace(linkage=linkage, **changes).for_model(MODEL)
    affinity = apply_refinements(prediction, config)
    return build_graph(affinity, mask, force_local_merge(affinity, mask, config), config)
