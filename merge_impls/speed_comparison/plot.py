"""Draws time against edges, with a panel for each family, and a line for each backend and linkage."""

from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from merge_impls.argument_checks import LINKAGES
from merge_impls.file_writing import atomic_write
from merge_impls.speed_comparison.growth import Growth
from merge_impls.speed_comparison.method_styles import (
    MethodStyle,
    linkage_line_style,
    method_styles,
)

COLUMNS = 3
"""The number of panels side by side."""

_INCHES = (4.2, 3.9)
"""The width and height of a panel in inches."""


_LONGEST_OF_TWO = 24
"""The most characters of a label of a legend that has two columns."""


def check_plot_file(path: Path) -> None:
    """Raise ValueError if ``path`` is a folder or not a .png, or if matplotlib is not installed."""
    if path.is_dir() or path.suffix.lower() != ".png":
        raise ValueError(f"--plot writes a .png file; got {path}")
    if not find_spec("matplotlib"):
        raise ValueError("--plot needs matplotlib: pip install matplotlib")


def plot_growth(path: Path, growths: Sequence[Growth]) -> None:
    """Write the figure of ``growth_figure(growths)`` as a PNG, completely or not at all."""
    figure = growth_figure(growths)
    with atomic_write(path) as partial:
        figure.savefig(partial, format="png", dpi=120)


def growth_figure(
    growths: Sequence[Growth], columns: int = COLUMNS, methods: Iterable[str] = ()
) -> Any:
    """A matplotlib figure with a panel for each family. Axes are logarithmic; legends show the exponents.

    Colours, markers and line styles are those of ``method_styles``. columns: the most panels side by side.
    methods: the backends of other figures, so that each backend has the same style in all of them. Raises
    ValueError if ``growths`` is empty.
    """
    if not growths:
        raise ValueError("no backend has times at two sizes: there is nothing to plot")
    families = list(dict.fromkeys(each.family for each in growths))
    columns = min(len(families), columns)
    rows = -(-len(families) // columns)
    figure = import_module("matplotlib.figure").Figure(
        figsize=(_INCHES[0] * columns, _INCHES[1] * rows), layout="constrained"
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    styles = method_styles([*methods, *(each.backend for each in growths)])
    for panel, family in zip(panels, families, strict=False):
        _draw_family_panel(panel, [each for each in growths if each.family == family], styles)
    for panel in panels[len(families) :]:
        panel.set_visible(False)
    return figure


def _draw_family_panel(
    panel: Any, growths: Sequence[Growth], styles: dict[str, MethodStyle]
) -> None:
    names = list(styles)
    for each in sorted(
        growths, key=lambda each: (names.index(each.backend), LINKAGES.index(each.linkage))
    ):
        panel.plot(
            each.edges,
            [1000 * seconds for seconds in each.seconds],
            markersize=5,
            label=f"{each.label}: {each.exponent:.2f}",
            color=styles[each.backend].colour,
            marker=styles[each.backend].marker,
            linestyle=linkage_line_style(each.linkage),
        )
    panel.set(xscale="log", yscale="log", title=growths[0].family)
    panel.set(xlabel="edges", ylabel="median CPU time in ms")
    panel.minorticks_off()
    edges = growths[0].edges
    panel.set_xticks(edges, [_format_short_number(each) for each in edges], fontsize=9)
    draw_legend_of_exponents(panel)


def draw_legend_of_exponents(panel: Any) -> None:
    """Write the labels of the lines of a panel, which end with their exponents, below the panel."""
    _, labels = panel.get_legend_handles_labels()
    panel.legend(
        title="exponent of the time against edges",
        loc="upper right",
        bbox_to_anchor=(1, -0.2),
        ncols=2 if max(map(len, labels)) <= _LONGEST_OF_TWO else 1,
        columnspacing=1,
        alignment="left",
        fontsize=9,
        title_fontsize=9,
        frameon=False,
    )


def _format_short_number(value: int) -> str:
    """A number in thousands or millions, with up to three digits."""
    return f"{value / 1e6:.3g} M" if value >= 1e6 else f"{value / 1e3:.3g} k"
