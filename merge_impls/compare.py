"""Find the first difference between two results; merges are compared first, in their order."""

import numpy as np

from merge_impls.arrays import AnyArray, StructuredArray
from merge_impls.result import MergeResult, format_merge


def first_difference(expected: MergeResult, got: MergeResult) -> str | None:
    """One line on the first difference between two results of one problem; None if they are equal.

    Arrays are compared bit for bit, dtypes and shapes included: the history first, because the rest
    follows from it, then labels, sizes and confidences. If either result has no history, histories
    are not compared.
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
    common = min(len(expected), len(got))
    # Bytes, because -0.0 == 0.0 and NaN != NaN.
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
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
