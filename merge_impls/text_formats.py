"""Format tables, shapes and numbers as text."""

from collections.abc import Sequence
from typing import SupportsFloat


def format_table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Format rows of cells as lines with aligned columns.

    right: the numbers of the columns that are aligned to the right; the others to the left.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def format_shape(shape: Sequence[int]) -> str:
    """Format a shape, such as "256x512"."""
    return "x".join(map(str, shape))


def format_float32(weight: SupportsFloat) -> str:
    """Format a float32 with nine digits, which are different for any two float32 values."""
    return f"{float(weight):.9g}"


def format_three_digits(value: float) -> str:
    """Format a number that is at least 0.0001, with three digits or more and without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"
