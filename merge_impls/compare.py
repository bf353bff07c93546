"""Where two results part: the first merge that differs says more than a thousand wrong labels."""

import numpy as np

from merge_impls.result import MergeResult


def first_difference(expected: MergeResult, got: MergeResult) -> str | None:
    """One line on the first thing in which two results of one problem differ, or None.

    Compared to the bit, dtypes and shapes included: the history first (because everything else
    follows from it), then labels, sizes and confidences. A history that one side does not keep is
    not compared.
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
        line = (
            _merges_differ(left, right) if name == "history" else _arrays_differ(name, left, right)
        )
        if line:
            return line
    return None


def _merges_differ(expected: np.ndarray, got: np.ndarray) -> str | None:
    common = min(len(expected), len(got))
    # Bytes, because -0.0 == 0.0 and NaN != NaN.
    same = [
        _bits(expected[name][:common]) == _bits(got[name][:common]) for name in expected.dtype.names
    ]
    different = ~np.logical_and.reduce(same)
    row = int(np.argmax(different)) if different.any() else common
    if row == len(expected) == len(got):
        return None
    return (
        f"history differs at merge {row}: expected {_merge(expected, row)}, got {_merge(got, row)}"
    )


def _merge(history: np.ndarray, row: int) -> str:
    if row >= len(history):
        return "no further merge"
    stage, a, b, weight = history[row].tolist()
    return f"stage {stage} ({a}, {b}) at {weight:.9g}"


def _arrays_differ(name: str, expected: np.ndarray, got: np.ndarray) -> str | None:
    if expected.shape != got.shape:
        return f"{name} differs in shape: expected {expected.shape}, got {got.shape}"
    different = _bits(expected) != _bits(got)
    if not different.any():
        return None
    index = tuple(int(i) for i in np.unravel_index(np.argmax(different), different.shape))
    place = ", ".join(map(str, index))
    left, right = expected[index].item(), got[index].item()
    return f"{name} differs at [{place}]: expected {left!r}, got {right!r}"


def _bits(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}")
