"""Seeded street scenes in Cityscapes' layout: ``generate`` writes, ``statistics`` counts, ``moved`` compares
the pixels with the pinned ones."""

from bench.datasets.scenes.pins import moved
from bench.datasets.scenes.statistics import statistics, summary
from bench.datasets.scenes.write import SPLIT_SIZES, VERSION, generate

__all__ = ["SPLIT_SIZES", "VERSION", "generate", "moved", "statistics", "summary"]
