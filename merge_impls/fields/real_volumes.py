"""Problems from a real volume of electron microscopy, whose file must be in ``../shared/data/em``."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from merge_impls.arrays import UInt16Array
from merge_impls.fields.grid_sizes import grid_shape
from merge_impls.fields.microscopy import OFFSETS, STAGES, THRESHOLDS
from merge_impls.fields.pixel_affinities import smallest_on_the_way
from merge_impls.fixed_point_affinities import affinities_to_fixed_point
from merge_impls.problem import MergeProblem

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "em"
"""The folder of the file, beside the clone; the file is not part of the project."""

_BOUNDARIES = FOLDER / "train-p1.lzf.h5"
"""HDF5 with the data set "stack": float32 (50, 100, 200), the probability that a voxel is a boundary."""


def reason_volume_is_missing() -> str:
    """Why the real volume cannot be read here; "" if it can be read."""
    if not _BOUNDARIES.is_file():
        return "no real volumes are beside the clone (../shared/data/em)"
    return "" if find_spec("h5py") else "h5py is not installed: pip install merge-impls[files]"


def real_microscopy(edges: int, linkage: str) -> MergeProblem:
    """The real volume with the offsets, stages and thresholds of the simulated ``microscopy``.

    With 10,000,000 edges, this is exactly the real volume. With fewer edges the volume is cropped; with
    more edges it is continued by mirror images. Raises ValueError if the file is absent.
    """
    affinities = smallest_on_the_way(_inside_probabilities(edges // len(OFFSETS)), OFFSETS)
    return MergeProblem.from_grid(affinities, OFFSETS, STAGES, THRESHOLDS, linkage=linkage)


def real_microscopy_nearest(edges: int, linkage: str) -> MergeProblem:
    """The real volume, cropped or mirrored, with the three nearest offsets and the threshold 0.5.

    Raises ValueError if the file is absent.
    """
    offsets, stages = OFFSETS[:3], STAGES[:3]
    affinities = smallest_on_the_way(_inside_probabilities(edges // len(offsets)), offsets)
    return MergeProblem.from_grid(affinities, offsets, stages, [0.5], linkage=linkage)


def _inside_probabilities(voxels: int) -> UInt16Array:
    """uint16 with about ``voxels`` voxels, in three dimensions: 1 - (the probability of a boundary)."""
    if reason := reason_volume_is_missing():
        raise ValueError(reason)
    with import_module("h5py").File(_BOUNDARIES, "r") as file:
        boundaries = np.clip(file["stack"][()], 0, 1)
    inside = affinities_to_fixed_point(1 - boundaries)
    for axis, length in enumerate(grid_shape(voxels, (1, 2, 4))):
        places = np.arange(length) % (2 * inside.shape[axis])
        mirrored = np.minimum(places, 2 * inside.shape[axis] - 1 - places)
        inside = np.take(inside, mirrored, axis=axis)
    return inside
