"""How figures draw a method: its colour, its marker, its place in the legend, and the line of a linkage.

All figures use these styles, so that a method looks the same in each of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from merge_impls.argument_checks import LINKAGES
from merge_impls.builtin import BUILT_IN

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#6A3D00")
"""Colours that colour-blind readers can tell apart, on a light and, inverted, on a dark background.

All but the last are Okabe and Ito's. Their other colours are too pale for lines on white.
"""

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""The numbers of colours and markers have no common divisor: 42 methods differ in one of the two."""

LINE_STYLES = ("-", "--", ":", "-.")


@dataclass(frozen=True)
class MethodStyle:
    """The colour and the marker of a method, as matplotlib names them."""

    colour: str
    marker: str


def method_styles(names: Iterable[str]) -> dict[str, MethodStyle]:
    """The style of each method, in the order of the legend: built-in backends first, then others by name.

    A built-in backend always has the same style. Another method has the same style in all figures of the
    same methods.
    """
    built_in = [backend.name for backend in reversed(BUILT_IN)]
    present = set(names)
    others = sorted(present.difference(built_in))
    return {
        name: MethodStyle(COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)])
        for place, name in enumerate([*built_in, *others])
        if name in present
    }


def linkage_line_style(linkage: str) -> str:
    """The line style of a linkage: solid for the first one, "average"."""
    return LINE_STYLES[LINKAGES.index(linkage) % len(LINE_STYLES)]
