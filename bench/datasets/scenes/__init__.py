"""Seeded street scenes in Cityscapes' layout: ``generate`` writes, ``statistics`` counts, ``moved`` compares
the pixels with the pinned ones."""

from bench.datasets.scenes.pinned_pixels import moved
from bench.datasets.scenes.scene_files import SPLIT_SIZES, VERSION, generate
from bench.datasets.scenes.split_statistics import statistics, summary

__all__ = ["SPLIT_SIZES", "VERSION", "generate", "moved", "statistics", "summary"]
