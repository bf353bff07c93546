"""Tables, shapes and numbers as text for a terminal."""

from collections.abc import Sequence
from typing import SupportsFloat


def format_table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Rows of cells as aligned columns; the first row is the heading.

    right: numbers of the columns that are aligned to the right.
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
    """A shape as "256x512"."""
    return "x".join(map(str, shape))


def format_float32(weight: SupportsFloat) -> str:
    """Nine digits, which distinguish any two float32."""
    return f"{float(weight):.9g}"


def format_three_digits(value: float) -> str:
    """A number from 0.0001 on, rounded to at least three digits, without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"
