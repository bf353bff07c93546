"""Hashes of what a result depends on, which name that result in caches and records."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from merge_impls.arrays import AnyArray


def digest(content: Any) -> str:
    """SHA-256 (hex) of any JSON value, independent of the order of keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def array_digest(array: AnyArray) -> str:
    """SHA-256 (hex) of an array's dtype, shape and values."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def files_digest(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) of the names and bytes of files; their order does not matter."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
