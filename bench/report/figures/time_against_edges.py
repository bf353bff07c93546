"""The figure of merge time against the number of edges: a panel for each noise, a line for each method."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from bench.report.figures.style import (
    GREY,
    GRID,
    NARROW_INCHES,
    Layout,
    save_layouts,
    set_title_and_link,
    whisker_lengths,
)
from bench.report.tables.shown_columns import row_id, row_titles
from bench.report.tables.time_against_edges import fit_exponent
from merge_impls.argument_checks import LINKAGES
from merge_impls.speed_comparison.method_styles import (
    MethodStyle,
    linkage_line_style,
    method_styles,
)
from merge_impls.speed_comparison.plot import draw_legend_of_exponents


def plot_time_against_edges(frame: pd.DataFrame, path: Path, methods: Iterable[str] = ()) -> None:
    """Draw ``time_against_edges_figure`` as a PNG of 1360 x 765 pixels, or in both layouts as SVG."""
    save_layouts(lambda layout: time_against_edges_figure(frame, layout, methods), Path(path))


def time_against_edges_figure(
    frame: pd.DataFrame, layout: Layout = Layout.WIDE, methods: Iterable[str] = ()
) -> Figure:
    """Draw a table of ``time_against_edges_table``. Each noise has a panel.

    Both axes are logarithmic. Bars span the quartiles over the rounds. The legend has the exponent of each
    line, if it could be fitted. Colours, markers and line styles are those of ``method_styles``. In SVG, each
    point has its row as a title, and a link to the row.

    methods: the backends of other figures, so that each backend has the same style in all of them.
    Raises ValueError if the table has no rows.
    """
    if frame.empty:
        raise ValueError("no row of the table has a time: there is nothing to plot")
    titles = row_titles("scaling", frame)
    frame = frame.assign(backend=names_of_methods(frame))
    styles = method_styles([*methods, *frame["backend"]])
    noises = list(frame["noise"].unique())
    is_wide = layout is Layout.WIDE
    shape = (1, len(noises)) if is_wide else (len(noises), 1)
    size = (8, 4.5) if is_wide else (NARROW_INCHES, 4.6 * len(noises))
    figure = Figure(figsize=size, dpi=170, layout="constrained")
    panels = figure.subplots(*shape, squeeze=False, sharex=is_wide, sharey=is_wide).ravel()
    for axes, noise in zip(panels, noises, strict=True):
        rows = frame[frame["noise"] == noise]
        _draw_lines(axes, rows, titles, styles)
        _draw_proportional_line(axes, frame)
        _set_axes(axes, rows)
        axes.set_title(f"{noise} noise", fontsize=10)
    panels[0].set_ylabel("wall time of a merge in ms, with quartiles")
    return figure


def names_of_methods(frame: pd.DataFrame) -> list[str]:
    """For each row of a ``time_against_edges_table`` the backend, and the machine if there are several."""
    machines = frame["machine"] if "machine" in frame else [""] * len(frame)
    return [
        f"{backend}, machine {machine}" if machine else str(backend)
        for backend, machine in zip(frame.get("backend", []), machines, strict=True)
    ]


def _draw_lines(
    axes: Axes, rows: pd.DataFrame, titles: list[str], styles: dict[str, MethodStyle]
) -> None:
    """Draw the lines of all backends and linkages, in the order of ``styles``."""
    present = {
        (str(backend), str(linkage)) for backend, linkage in rows[["backend", "linkage"]].values
    }
    for backend, style in styles.items():
        for linkage in LINKAGES:
            if (backend, linkage) in present:
                line = rows[(rows["backend"] == backend) & (rows["linkage"] == linkage)]
                looks = {"color": style.colour, "marker": style.marker, "markersize": 5}
                looks["linestyle"] = linkage_line_style(linkage)
                _draw_line(axes, line, f"{backend}, {linkage}", **looks)
                _draw_linked_points(axes, line, titles, **looks)


def _draw_line(axes: Axes, rows: pd.DataFrame, words: str, **style: Any) -> None:
    """Draw the line of one backend, linkage and noise. The legend shows ``words`` and the exponent."""
    ms, fitted = rows["round_ms"], fit_exponent(rows)
    drawn = axes.errorbar(
        rows["edges"],
        ms,
        yerr=whisker_lengths(ms, rows["round_ms_q1"], rows["round_ms_q3"]),
        markeredgecolor="white",
        capsize=3,
        **style,
    )
    exponent = "" if np.isnan(fitted) else f": {fitted:.2f}"
    drawn.lines[0].set_label(
        words + exponent
    )  # the label of all parts would be drawn with whiskers


def _draw_linked_points(axes: Axes, rows: pd.DataFrame, titles: list[str], **style: Any) -> None:
    """Draw the points of a line one by one. titles: of all rows of the table, by their numbers."""
    for number, row in rows.iterrows():
        (point,) = axes.plot(row["edges"], row["round_ms"], markeredgecolor="white", **style)
        place = int(str(number))
        set_title_and_link(point, titles[place], f"#{row_id('scaling', place)}")


def _draw_proportional_line(axes: Axes, frame: pd.DataFrame) -> None:
    """Draw a line with exponent 1 (time proportional to edges), below all measured points."""
    edges = np.array([frame["edges"].min(), frame["edges"].max()])
    least = (frame["round_ms"] / frame["edges"]).min() / 2
    axes.plot(edges, least * edges, color=GREY, linestyle=":", linewidth=1, label="proportional: 1")


def _set_axes(axes: Axes, rows: pd.DataFrame) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(which="major", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    ticks = rows.groupby("size", sort=False)["edges"].mean()
    labels = [f"{edges / 1e6:#.3g} M\n{size}" for size, edges in ticks.items()]
    axes.set_xticks(ticks, labels, fontsize=9)
    axes.set_xlabel("pixel edges of the field, and its size")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
    draw_legend_of_exponents(axes)
