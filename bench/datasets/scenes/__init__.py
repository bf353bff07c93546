"""Seeded street scenes in Cityscapes' layout: ``generate`` writes, ``statistics`` counts."""

from bench.datasets.scenes.statistics import statistics, summary
from bench.datasets.scenes.write import SPLIT_SIZES, VERSION, generate

__all__ = ["SPLIT_SIZES", "VERSION", "generate", "statistics", "summary"]
