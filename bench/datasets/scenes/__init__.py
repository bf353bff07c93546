"""Generated street scenes, determined by a seed, in the folder layout of Cityscapes.

``generate`` writes the files, ``compute_statistics`` counts instances and pixels, and ``changed_cities``
compares the pixels with recorded checksums.
"""

from bench.datasets.scenes.pinned_pixels import changed_cities
from bench.datasets.scenes.reader import Scenes
from bench.datasets.scenes.scene_files import SPLIT_SIZES, VERSION, generate
from bench.datasets.scenes.split_statistics import compute_statistics, format_statistics

DATASET = Scenes

__all__ = [
    "DATASET",
    "SPLIT_SIZES",
    "VERSION",
    "Scenes",
    "generate",
    "changed_cities",
    "compute_statistics",
    "format_statistics",
]
