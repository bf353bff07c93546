"""Find the first difference between two results; their histories are compared first."""

import numpy as np

from merge_impls.arrays import AnyArray, StructuredArray
from merge_impls.result import MergeResult, format_merge


def first_difference(expected: MergeResult, got: MergeResult) -> str | None:
    """Describe the first difference between two results of the same problem.

    Arrays are compared bit for bit, in the order history, labels, sizes, confidences. Different
    dtypes and shapes are differences too. The history comes first, because all other arrays follow
    from it; it is not compared if one of the results has none.

    Args:
        expected: the result that is taken to be right.
        got: the other result.

    Returns:
        One line that names the array, the place and both values; None if the results are equal.
    """
    pairs = [
        (name, getattr(expected, name), getattr(got, name))
        for name in ("history", "labels", "sizes", "confidences")
        if name != "history" or (expected.history is not None and got.history is not None)
    ]
    for name, left, right in pairs:
        if left.dtype != right.dtype:
            return f"{name} differs in dtype: expected {left.dtype}, got {right.dtype}"
    for name, left, right in pairs:
        difference = _history_difference if name == "history" else _array_difference
        line = difference(name, left, right)
        if line:
            return line
    return None


def _history_difference(name: str, expected: StructuredArray, got: StructuredArray) -> str | None:
    """Describe the first row in which two histories differ; None if they are equal."""
    common = min(len(expected), len(got))
    # Compared as bits, because -0.0 == 0.0 and NaN != NaN.
    names = expected.dtype.names or ()
    same = [_as_bits(expected[f][:common]) == _as_bits(got[f][:common]) for f in names]
    different = ~np.logical_and.reduce(same)
    row = int(np.argmax(different)) if different.any() else common
    if row == len(expected) == len(got):
        return None
    left, right = (_format_merge_at(history, row) for history in (expected, got))
    return f"{name} differs at merge {row}: expected {left}, got {right}"


def _format_merge_at(history: StructuredArray, row: int) -> str:
    return "no further merge" if row >= len(history) else format_merge(history[row].tolist())


def _array_difference(name: str, expected: AnyArray, got: AnyArray) -> str | None:
    """Describe the first entry in which two arrays differ; None if they are equal."""
    if expected.shape != got.shape:
        return f"{name} differs in shape: expected {expected.shape}, got {got.shape}"
    different = _as_bits(expected) != _as_bits(got)
    if not different.any():
        return None
    index = tuple(int(i) for i in np.unravel_index(np.argmax(different), different.shape))
    place = ", ".join(map(str, index))
    left, right = expected[index].item(), got[index].item()
    return f"{name} differs at [{place}]: expected {left!r}, got {right!r}"


def _as_bits(array: AnyArray) -> AnyArray:
    """The same bytes as unsigned integers of the same width."""
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
