"""Where to look: boxes, regions of interest, and the size at which a region is looked at. Pure array code."""

from bench.regions.areas import Area, areas, owners, whole
from bench.regions.boxes import Region, densest_crop, whole_image
from bench.regions.resizing import MOST_ENLARGED, enlarged, enlarged_size, sampled

__all__ = [
    "MOST_ENLARGED",
    "Area",
    "Region",
    "areas",
    "densest_crop",
    "enlarged",
    "enlarged_size",
    "owners",
    "sampled",
    "whole",
    "whole_image",
]
