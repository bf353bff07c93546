"""Check the arrays of a problem, and make them read-only."""

from collections.abc import Collection
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from merge_impls import argument_checks
from merge_impls.arrays import AnyArray
from merge_impls.fixed_point_affinities import affinities_to_fixed_point, thresholds_to_float32

DtypesAndShapes: TypeAlias = dict[str, tuple[DTypeLike, tuple[int, ...]]]
"""The dtype and the shape that each array must have, by the name of its attribute."""


def grid_dtypes_and_shapes(shape: tuple[int, ...], num_offsets: int) -> DtypesAndShapes:
    """The dtypes and shapes of the arrays of a grid of ``shape`` with K offsets."""
    return {
        "stages": (np.int32, (num_offsets,)),
        "affinities": (np.uint16, (num_offsets, *shape)),
        "offsets": (np.int64, (num_offsets, len(shape))),
        "mask": (np.bool_, shape),
    }


def edge_dtypes_and_shapes(num_edges: int, has_counts: bool) -> DtypesAndShapes:
    """The dtypes and shapes of the arrays of M explicit edges, with or without counts and totals."""
    expected: DtypesAndShapes = {
        "stages": (np.int32, (num_edges,)),
        "affinities": (np.uint16, (num_edges,)),
        "edges": (np.int64, (num_edges, 2)),
    }
    sums: DtypesAndShapes = {name: (np.int64, (num_edges,)) for name in ("counts", "totals")}
    return expected | (sums if has_counts else {})


def check_common_fields(
    affinities: AnyArray, stages: ArrayLike, thresholds: ArrayLike, linkage: str
) -> dict[str, Any]:
    """Check the arguments that both forms of problems have, and return the attributes by name."""
    fixed = affinities_to_fixed_point(affinities)
    limits = thresholds_to_float32(thresholds)
    return {
        "linkage": argument_checks.check_linkage(linkage),
        "thresholds": read_only_view(limits),
        "stages": read_only_view(argument_checks.check_stages(stages, len(fixed), len(limits))),
        "affinities": read_only_view(fixed),
    }


def check_changes(
    changes: Collection[str], fields: Collection[str], is_grid: bool, has_counts: bool
) -> None:
    """Raise TypeError unless ``MergeProblem.replace`` can make these changes.

    changes: names of arguments to replace. fields: the names of all arguments of the problem.
    has_counts: whether its edges have counts; then their totals depend on affinities and counts.
    """
    for name in changes:
        if name not in fields:
            form = "a grid" if is_grid else "a problem of explicit edges"
            raise TypeError(f"{form} has no {name} to replace, only {', '.join(fields)}")
    if has_counts and "totals" not in changes and {"affinities", "counts"} & {*changes}:
        raise TypeError("replace totals too, with None for fixed-point affinities * counts")


def check_dtype_and_shape(name: str, array: Any, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
    """Raise ValueError unless an array has this dtype and shape."""
    found = (getattr(array, "dtype", None), getattr(array, "shape", None))
    if found != (dtype, shape):
        raise ValueError(f"{name} must be {np.dtype(dtype)} {shape}; got {found[0]} {found[1]}")


def read_only_view(array: AnyArray) -> AnyArray:
    """Return a view of an array that cannot be written."""
    view = array.view()
    view.flags.writeable = False
    return view
