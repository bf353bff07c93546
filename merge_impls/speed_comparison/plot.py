"""Draws time against edges, with a panel for each family, and a line for each backend and linkage."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from merge_impls.file_writing import atomic_write
from merge_impls.speed_comparison.growth import Growth

_COLUMNS = 4
_INCHES = (4.2, 3.4)
"""The width and height of a panel in inches."""

_LINE_STYLES = ("-", "--", ":", "-.")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")


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


def growth_figure(growths: Sequence[Growth]) -> Any:
    """A matplotlib figure with a panel for each family. Axes are logarithmic; legends show the exponents.

    A backend has a colour and a marker, a linkage has a line style. Raises ValueError if ``growths`` is
    empty.
    """
    if not growths:
        raise ValueError("no backend has times at two sizes: there is nothing to plot")
    families = list(dict.fromkeys(each.family for each in growths))
    columns = min(len(families), _COLUMNS)
    rows = -(-len(families) // columns)
    figure = import_module("matplotlib.figure").Figure(
        figsize=(_INCHES[0] * columns, _INCHES[1] * rows), layout="constrained"
    )
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    formats = _line_formats(growths)
    for panel, family in zip(panels, families, strict=False):
        _draw_family_panel(panel, [each for each in growths if each.family == family], formats)
    for panel in panels[len(families) :]:
        panel.set_visible(False)
    return figure


def _line_formats(growths: Sequence[Growth]) -> dict[tuple[str, str], dict[str, str]]:
    """For each (backend, linkage): colour and marker of the backend, and the line style of the linkage."""
    backends = list(dict.fromkeys(each.backend for each in growths))
    linkages = list(dict.fromkeys(each.linkage for each in growths))
    return {
        (backend, linkage): {
            "color": f"C{number % 10}",
            "marker": _MARKERS[number % len(_MARKERS)],
            "linestyle": _LINE_STYLES[kind % len(_LINE_STYLES)],
        }
        for number, backend in enumerate(backends)
        for kind, linkage in enumerate(linkages)
    }


def _draw_family_panel(
    panel: Any, growths: Sequence[Growth], formats: dict[tuple[str, str], dict[str, str]]
) -> None:
    for each in growths:
        panel.plot(
            each.edges,
            [1000 * seconds for seconds in each.seconds],
            markersize=4,
            label=f"{each.label}: {each.exponent:.2f}",
            **formats[each.backend, each.linkage],
        )
    panel.set(xscale="log", yscale="log", title=growths[0].family)
    panel.set(xlabel="edges", ylabel="median CPU time in ms")
    panel.minorticks_off()
    edges = growths[0].edges
    panel.set_xticks(edges, [_format_short_number(each) for each in edges], fontsize=7, rotation=30)
    panel.legend(fontsize=6, frameon=False, title="exponent", title_fontsize=6)


def _format_short_number(value: int) -> str:
    """A number in thousands or millions, with up to three digits."""
    return f"{value / 1e6:.3g} M" if value >= 1e6 else f"{value / 1e3:.3g} k"
