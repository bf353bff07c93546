"""Seeded street scenes in Cityscapes' layout: ``generate`` writes them, ``statistics`` counts them."""

from bench.datasets.scenes.write import SPLIT_SIZES, TUNING_CITY, VERSION, generate

__all__ = ["SPLIT_SIZES", "TUNING_CITY", "VERSION", "generate"]
