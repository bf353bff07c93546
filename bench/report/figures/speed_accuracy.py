"""The figure of AP against merge time: a point for each backend and linkage, and the Pareto fronts."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from bench.report.figures.style import COLOURS, GREY, MARKERS, save_figure, set_title_and_link
from bench.report.tables.image_merge_times import APPROXIMATE
from bench.report.tables.pareto import ALL, ALL_AND_EXACT, EXACT
from bench.report.tables.shown_columns import row_id, row_titles

_CROWDED_AP = 0.1
"""The name of a line is written below it if a point lies above it, at most this far in AP."""


def plot_speed_accuracy(
    frame: pd.DataFrame, path: Path, levels: Mapping[str, float] | None = None
) -> None:
    """Draw AP against the merge time of an image, as a PNG of 1600 x 900 pixels or as SVG.

    frame: a ``speed_accuracy_table``. Horizontal bars span the quartiles over the images. Rows without a time
        are left out. Rows with a time but no AP are drawn in a strip below the plot; these are backends
        that merged only crops. Approximate results have hollow points. Lines join the rows of ``front``,
        dashed for the front over the exact methods if some are approximate. In SVG, each point has the
        row as its title, and a link to the row.
    levels: AP of methods without a merge time, by their names. They are drawn as horizontal lines.
    Raises ValueError if no row has a time.
    """
    if frame["ms"].isna().all():
        raise ValueError("no row of the table has a time: there is nothing to plot")
    links = [f"#{row_id('speed_accuracy', number)}" for number in range(len(frame))]
    rows = frame.assign(title=row_titles("speed_accuracy", frame), link=links)
    timed = rows[rows["ms"].notna()]
    scored, unscored = timed[timed["AP"].notna()], timed[timed["AP"].isna()]
    colours = _assign_in_turn(timed["backend"], COLOURS)
    markers = _assign_in_turn(timed["linkage"], MARKERS)

    engine = ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08, hspace=0)
    figure = Figure(figsize=(8, 4.5), dpi=200, layout=engine)
    strips = unscored["backend"].nunique()
    axes, strip = figure.subplots(2, sharex=True, height_ratios=[12, max(strips, 0.01)])
    _draw_fronts(axes, scored)
    _draw_points(axes, scored, colours, markers)
    for name, ap in (levels or {}).items():
        crowded = scored["AP"].between(ap, ap + _CROWDED_AP).any()
        _draw_ap_line(axes, name, ap, above=not crowded)
    _draw_times_without_ap(strip, unscored, colours, markers)
    _set_axes(axes, strip, timed)
    _draw_legend(axes, markers, bool((scored["identical"] == APPROXIMATE).any()))
    save_figure(figure, Path(path))


def _assign_in_turn(names: pd.Series, values: list[str]) -> dict[str, str]:
    return {name: values[i % len(values)] for i, name in enumerate(dict.fromkeys(names))}


def _draw_points(
    axes: Axes, rows: pd.DataFrame, colours: Mapping[str, str], markers: Mapping[str, str]
) -> None:
    for _, alike in rows.sort_values("ms").groupby("linkage"):
        # The backends of a linkage have the same AP. Names above and below the points do not overlap.
        for place, row in enumerate(alike.to_dict("records")):
            colour = colours[row["backend"]]
            _draw_point_with_quartiles(axes, row, row["AP"], markers[row["linkage"]], colour)
            threads = f", {row['threads']} threads" if row["threads"] > 1 else ""
            machine = f", machine {row['machine']}" if "machine" in row else ""
            axes.annotate(
                f"{row['backend']}{threads}{machine}",
                (row["ms"], row["AP"]),
                xytext=(0, -9 if place % 2 else 9),
                textcoords="offset points",
                ha="center",
                va="top" if place % 2 else "bottom",
                color=colour,
                fontweight="bold",
            )


def _draw_fronts(axes: Axes, rows: pd.DataFrame) -> None:
    """Join the points of the front over all methods and, if it differs, of that over the exact methods."""
    fronts = [((ALL_AND_EXACT, ALL), "-"), ((ALL_AND_EXACT, EXACT), "--")]
    approximate = (rows["identical"] == APPROXIMATE).any()
    for values, line in fronts if approximate else fronts[:1]:
        front = rows[rows["front"].isin(values)].sort_values("ms")
        axes.step(front["ms"], front["AP"], line, where="post", color=GREY, linewidth=1, zorder=1)


def _draw_point_with_quartiles(
    axes: Axes, row: Mapping[Hashable, Any], height: float, marker: str, colour: str
) -> None:
    ms = row["ms"]
    spread = [[ms - row["ms_q1"]], [row["ms_q3"] - ms]]
    axes.errorbar(ms, height, xerr=spread, color=colour, elinewidth=1.5, capsize=3, zorder=2)
    hollow = row["identical"] == APPROXIMATE
    face, edge = ("white", colour) if hollow else (colour, "white")
    (point,) = axes.plot(
        ms, height, marker, color=colour, markersize=9, mfc=face, markeredgecolor=edge, zorder=3
    )
    set_title_and_link(point, row["title"], row["link"])


def _draw_ap_line(axes: Axes, name: str, ap: float, above: bool) -> None:
    axes.axhline(ap, color=GREY, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
    va, shift = ("bottom", 4) if above else ("top", -4)
    _write_at_left(axes, f"{name}: {ap:.3f}", ap, color=GREY, va=va, xytext=(6, shift))


def _write_at_left(axes: Axes, words: str, height: float, **style: Any) -> None:
    """Write text at the left end of the axes, at ``height`` in units of the y axis.

    style: arguments of ``Axes.annotate``; ``xytext`` shifts the text by points.
    """
    axes.annotate(
        words,
        (0, height),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        fontsize=9,
        **style,
    )


def _draw_times_without_ap(
    axes: Axes, rows: pd.DataFrame, colours: Mapping[str, str], markers: Mapping[str, str]
) -> None:
    """Draw the times of the rows without AP in a strip below the plot, with a line for each backend."""
    if rows.empty:
        axes.set_visible(False)
    for height, (name, alike) in enumerate(rows.groupby("backend")):
        backend = str(name)
        for row in alike.to_dict("records"):
            _draw_point_with_quartiles(axes, row, height, markers[row["linkage"]], colours[backend])
        words = f"{backend}: ms of a crop, not of an image; no AP"
        words = words if (alike["scope"] == "crops").all() else f"{backend}: no AP"
        _write_at_left(axes, words, height, color=colours[backend], va="center", xytext=(6, 0))
    axes.set_ylim(-0.6, max(rows["backend"].nunique(), 1) - 0.4)


def _set_axes(axes: Axes, strip: Axes, timed: pd.DataFrame) -> None:
    below = strip if strip.get_visible() else axes
    for each in {axes, below}:
        each.grid(which="major", color="#e6e6e6", linewidth=0.8)
        each.set_axisbelow(True)
        each.spines[["top", "right"]].set_visible(False)
    axes.set_xscale("log")
    # The names of points need room on both sides; the names of lines need room on the left.
    axes.set_xlim(timed["ms_q1"].min() / 4, timed["ms_q3"].max() * 2)
    axes.set_ylim(0, None)
    axes.set_ylim(0, min(axes.get_ylim()[1] * 1.1, 1.1))
    axes.set_ylabel("AP")
    axes.tick_params(labelbottom=below is axes)
    strip.yaxis.set_major_locator(NullLocator())
    below.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    below.xaxis.set_minor_locator(NullLocator())
    below.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
    below.set_xlabel("merge time an image in ms, median and quartiles over the images")


def _draw_legend(axes: Axes, markers: Mapping[str, str], approximate: bool) -> None:
    handles = [
        Line2D([], [], marker=marker, ls="", color=GREY, ms=8, label=f"{linkage} linkage")
        for linkage, marker in markers.items()
    ]
    if approximate:
        handles += [
            Line2D([], [], marker="o", ls="", color=GREY, mfc="white", ms=8, label="approximate"),
            Line2D([], [], ls="-", color=GREY, lw=1, label="front"),
            Line2D([], [], ls="--", color=GREY, lw=1, label="exact front"),
        ]
    axes.legend(
        handles=handles,
        ncols=len(handles),
        loc="lower right",
        bbox_to_anchor=(1, 1),
        frameon=False,
        handletextpad=0.2,
    )
