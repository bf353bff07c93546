"""Where to look: boxes, regions of interest, and the size at which a region is looked at. Pure array code."""

from bench.regions.areas import Area, areas, owners, whole
from bench.regions.boxes import Region, densest_crop
from bench.regions.resizing import enlarged, enlarged_size, sampled

__all__ = [
    "Area",
    "Region",
    "areas",
    "densest_crop",
    "enlarged",
    "enlarged_size",
    "owners",
    "sampled",
    "whole",
]
