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

from bench.report.figures.style import (
    GREY,
    GRID,
    NARROW_INCHES,
    TEXT,
    Layout,
    save_layouts,
    set_title_and_link,
    whisker_lengths,
)
from bench.report.tables.image_merge_times import APPROXIMATE
from bench.report.tables.pareto import ALL, ALL_AND_EXACT, EXACT
from bench.report.tables.shown_columns import row_id, row_titles
from merge_impls.speed_comparison.method_styles import MARKERS, method_styles

_CROWDED_AP = 0.1
"""The name of a line is written below it if a point lies above it, at most this far in AP."""


def plot_speed_accuracy(
    frame: pd.DataFrame, path: Path, levels: Mapping[str, float] | None = None
) -> None:
    """Write ``speed_accuracy_figure`` as a PNG of 1600 x 900 pixels, or in both layouts as SVG."""
    save_layouts(lambda layout: speed_accuracy_figure(frame, levels, layout), Path(path))


def speed_accuracy_figure(
    frame: pd.DataFrame,
    levels: Mapping[str, float] | None = None,
    layout: Layout = Layout.WIDE,
) -> Figure:
    """Draw AP against the merge time of an image.

    frame: a ``speed_accuracy_table``. Horizontal bars span the quartiles over the images. Rows without a time
        are left out. Rows with a time but no AP are drawn in a strip below the plot; these are backends
        that merged only crops. Approximate results have hollow points. Lines join the rows of ``front``,
        dashed for the front over the exact methods if some are approximate. In SVG, each point has the
        row as its title, and a link to the row. In the narrow layout points have numbers, and a legend has
        their names.
    levels: AP of methods without a merge time, by their names. They are drawn as horizontal lines.
    Raises ValueError if no row has a time.
    """
    if frame["ms"].isna().all():
        raise ValueError("no row of the table has a time: there is nothing to plot")
    timed = _with_titles_and_links(frame)[frame["ms"].notna()]
    scored, unscored = timed[timed["AP"].notna()], timed[timed["AP"].isna()]
    colours = {name: style.colour for name, style in method_styles(timed["backend"]).items()}
    linkages = dict.fromkeys(timed["linkage"])
    markers = {name: MARKERS[place % len(MARKERS)] for place, name in enumerate(linkages)}
    is_wide = layout is Layout.WIDE
    names = _names_of_points(scored)
    shown = names if is_wide else {key: str(place) for place, key in enumerate(names, start=1)}

    figure, axes, strip = _figure_and_axes(is_wide, unscored["backend"].nunique(), len(names))
    _draw_fronts(axes, scored)
    _draw_points(axes, scored, colours, markers, shown)
    for name, ap in (levels or {}).items():
        crowded = scored["AP"].between(ap, ap + _CROWDED_AP).any()
        _draw_ap_line(axes, name, ap, above=not crowded)
    _draw_times_without_ap(strip, unscored, colours, markers, is_wide)
    _set_axes(axes, strip, timed, is_wide)
    _draw_legend(axes, markers, bool((scored["identical"] == APPROXIMATE).any()), is_wide)
    if not is_wide:
        _draw_legend_of_numbers(figure, names, colours)
    return figure


def _figure_and_axes(is_wide: bool, lines: int, names: int) -> tuple[Figure, Axes, Axes]:
    """A figure, its axes, and below them a strip with space for ``lines`` lines.

    names: the number of names in the legend of the narrow layout, which has two columns.
    """
    engine = ConstrainedLayoutEngine(h_pad=0.08, w_pad=0.08, hspace=0)
    size = (8, 4.5) if is_wide else (NARROW_INCHES, 5 + 0.22 * (lines + (1 + names) // 2))
    figure = Figure(figsize=size, dpi=200, layout=engine)
    axes, strip = figure.subplots(2, sharex=True, height_ratios=[12, max(lines, 0.01)])
    return figure, axes, strip


def _with_titles_and_links(frame: pd.DataFrame) -> pd.DataFrame:
    links = [f"#{row_id('speed_accuracy', number)}" for number in range(len(frame))]
    return frame.assign(title=row_titles("speed_accuracy", frame), link=links)


_NameKey = tuple[str, int, str]
"""The backend, the number of threads and the machine of a row; "" if all rows are of one machine."""


def _name_key(row: Mapping[Hashable, Any]) -> _NameKey:
    return str(row["backend"]), int(row["threads"]), str(row.get("machine", ""))


def _names_of_points(rows: pd.DataFrame) -> dict[_NameKey, str]:
    """The name of each point, without its linkage, in the order of ``method_styles``."""
    order = list(method_styles(rows["backend"]))
    keys = {_name_key(row) for row in rows.to_dict("records")}
    return {
        key: key[0]
        + (f", {key[1]} threads" if key[1] > 1 else "")
        + (f", machine {key[2]}" if key[2] else "")
        for key in sorted(keys, key=lambda key: (order.index(key[0]), key))
    }


def _draw_points(
    axes: Axes,
    rows: pd.DataFrame,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    names: Mapping[_NameKey, str],
) -> None:
    for _, alike in rows.sort_values("ms").groupby("linkage"):
        # The backends of a linkage have the same AP. Names above and below the points do not overlap.
        for place, row in enumerate(alike.to_dict("records")):
            colour = colours[row["backend"]]
            _draw_point_with_quartiles(axes, row, row["AP"], markers[row["linkage"]], colour)
            axes.annotate(
                names[_name_key(row)],
                (row["ms"], row["AP"]),
                xytext=(0, -9 if place % 2 else 9),
                textcoords="offset points",
                ha="center",
                va="top" if place % 2 else "bottom",
                color=TEXT,
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
    spread = whisker_lengths(ms, row["ms_q1"], row["ms_q3"])
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
    axes: Axes,
    rows: pd.DataFrame,
    colours: Mapping[str, str],
    markers: Mapping[str, str],
    is_wide: bool,
) -> None:
    """Draw the times of the rows without AP in a strip below the plot, with a line for each backend."""
    if rows.empty:
        axes.set_visible(False)
    for height, (name, alike) in enumerate(rows.groupby("backend")):
        backend = str(name)
        for row in alike.to_dict("records"):
            _draw_point_with_quartiles(axes, row, height, markers[row["linkage"]], colours[backend])
        of_crops = "ms of a crop, not of an image; no AP" if is_wide else "of crops; no AP"
        words = of_crops if (alike["scope"] == "crops").all() else "no AP"
        _write_at_left(axes, f"{backend}: {words}", height, color=TEXT, va="center", xytext=(6, 0))
    axes.set_ylim(-0.6, max(rows["backend"].nunique(), 1) - 0.4)


def _set_axes(axes: Axes, strip: Axes, timed: pd.DataFrame, is_wide: bool) -> None:
    below = strip if strip.get_visible() else axes
    for each in {axes, below}:
        each.grid(which="major", color=GRID, linewidth=0.8)
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
    between = " " if is_wide else "\n"
    below.set_xlabel(f"merge time an image in ms,{between}median and quartiles over the images")


def _draw_legend_of_numbers(
    figure: Figure, names: Mapping[_NameKey, str], colours: Mapping[str, str]
) -> None:
    """Write below the axes which backend each number stands for, in the colour of its points."""
    handles = [
        Line2D([], [], marker="o", ls="", color=colours[key[0]], ms=8, label=f"{place}: {name}")
        for place, (key, name) in enumerate(names.items(), start=1)
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=2, frameon=False, fontsize=9)


def _draw_legend(axes: Axes, markers: Mapping[str, str], approximate: bool, is_wide: bool) -> None:
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
        ncols=len(handles) if is_wide else 2,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        frameon=False,
        handletextpad=0.2,
    )
