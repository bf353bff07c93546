"""Format tables, shapes and numbers as text."""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from textwrap import wrap
from typing import SupportsFloat

TERMINAL_WIDTH = 100
"""The characters of a line of a wide table, if the words are short enough."""

_GAP = "  "
"""The space between two columns of a table."""


def format_table(
    rows: Sequence[Sequence[str]], right: Sequence[int] = (), width: int | None = None
) -> str:
    """Format rows of cells as lines with aligned columns.

    right: the numbers of the columns that are aligned to the right; the others to the left.
    width: the most characters of a line; None for any number. Longer lines are avoided by wrapping the first
        row, and the columns aligned to the left, at spaces. Words are never cut, so a line may be longer. A
        rule follows the first row.
    """
    if width is not None:
        rows = _wrap_rows(rows, right, width)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(_GAP.join(cells).rstrip())
    return "\n".join(lines)


def _wrap_rows(
    rows: Sequence[Sequence[str]], right: Sequence[int], width: int
) -> list[tuple[str, ...]]:
    """The lines of the rows, whose cells are wrapped so that a line has at most ``width`` characters.

    A rule follows the first row.
    """
    widths = _wrapped_widths(rows, right, width)
    heading, *body = [_wrap_cells(row, widths) for row in rows]
    return [*heading, tuple("-" * limit for limit in widths), *chain(*body)]


def _wrap_cells(row: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
    """The lines of one row."""
    cells = [
        wrap(cell, limit, break_long_words=False, break_on_hyphens=False)
        for cell, limit in zip(row, widths, strict=True)
    ]
    return list(zip_longest(*cells, fillvalue=""))


def _wrapped_widths(rows: Sequence[Sequence[str]], right: Sequence[int], width: int) -> list[int]:
    """The widths of the columns: narrowed until all fit, if words allow.

    Columns that are wide because of the first row, the headings, are narrowed first, then the widest ones.
    """
    columns = [(column[0], column[1:]) for column in zip(*rows, strict=True)]
    bodies = [max([1, *map(len, body)]) for _, body in columns]
    widths = [max(len(head), body) for (head, _), body in zip(columns, bodies, strict=True)]
    least = [
        max([_longest_word(head), *map(len if number in right else _longest_word, body), 1])
        for number, (head, body) in enumerate(columns)
    ]
    while sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        wide = [number for number in range(len(widths)) if widths[number] > least[number]]
        if not wide:
            break
        widths[max(wide, key=lambda each: (widths[each] > bodies[each], widths[each]))] -= 1
    return widths


def _longest_word(text: str) -> int:
    return max(map(len, text.split(" ")))


def pluralized(number: int, thing: str, things: str = "") -> str:
    """Format a number and a noun, such as "1 example" or "2 examples".

    thing, things: the noun for the number 1, and for others; without ``things``, an s is added.
    """
    return f"{number} {thing if number == 1 else things or f'{thing}s'}"


def quoted_names(names: Iterable[str]) -> str:
    """Format names as a list in which each stands in quotes, because names may have commas."""
    return ", ".join(f"'{name}'" for name in names)


def format_shape(shape: Sequence[int]) -> str:
    """Format a shape, such as "256x512"."""
    return "x".join(map(str, shape))


def format_float32(weight: SupportsFloat) -> str:
    """Format a float32 with nine digits, which are different for any two float32 values."""
    return f"{float(weight):.9g}"


def format_three_digits(value: float) -> str:
    """Format a number that is at least 0.0001, with three digits or more and without an exponent."""
    return f"{value:,.0f}" if value >= 100 else f"{value:#.3g}"


def format_percent(share: float) -> str:
    """Format a share, such as 0.0123 as "1.2%"."""
    return f"{share:.1%}"
