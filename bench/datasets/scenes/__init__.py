"""Seeded street scenes in Cityscapes' layout.

``generate`` writes the files, ``statistics`` counts what is in them, and ``changed_cities`` compares their
pixels with the pinned checksums.
"""

from bench.datasets.scenes.pinned_pixels import changed_cities
from bench.datasets.scenes.reader import Scenes
from bench.datasets.scenes.scene_files import SPLIT_SIZES, VERSION, generate
from bench.datasets.scenes.split_statistics import statistics, summary

DATASET = Scenes

__all__ = [
    "DATASET",
    "SPLIT_SIZES",
    "VERSION",
    "Scenes",
    "generate",
    "changed_cities",
    "statistics",
    "summary",
]
