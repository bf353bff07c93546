"""The benchmark: it segments data sets, scores the results, and writes tables and pictures.

Run it as ``python -m bench``, or call ``segment``, ``evaluate``, ``sweep`` and ``compare`` from Python.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.from_python import compare as compare
    from bench.from_python import evaluate as evaluate
    from bench.from_python import segment as segment
    from bench.from_python import sweep as sweep

__all__ = ["compare", "evaluate", "segment", "sweep"]


def __getattr__(name: str) -> Any:
    """Import a function of ``__all__`` when it is used first, so that ``import bench`` stays fast."""
    if name in __all__:
        return getattr(import_module(f"{__name__}.from_python"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
