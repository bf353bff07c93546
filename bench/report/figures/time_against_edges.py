"""The figure of merge time against the number of edges: a line for each backend, linkage and noise."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from bench.report.figures.style import COLOURS, GREY, MARKERS, save_figure, set_title_and_link
from bench.report.tables.shown_columns import row_id, row_titles
from bench.report.tables.time_against_edges import fit_exponent

_LINE_STYLES = {"mild": "-", "strong": (0, (4, 2))}


def plot_time_against_edges(frame: pd.DataFrame, path: Path) -> None:
    """Draw a table of ``time_against_edges_table`` as a PNG of 1600 x 900 pixels or as SVG.

    Both axes are logarithmic. Bars span the quartiles over the rounds. The legend has the exponent of each
    line, if it could be fitted. Backend and linkage have a colour and a marker, the noise a line style. In
    SVG, each point has its row as a title, and a link to the row. Raises ValueError if the table has no rows.
    """
    if frame.empty:
        raise ValueError("no row of the table has a time: there is nothing to plot")
    figure = Figure(figsize=(8, 4.5), dpi=170, layout="constrained")
    axes = figure.subplots()
    titles = row_titles("scaling", frame)
    if "machine" in frame:
        frame = frame.assign(backend=frame["backend"] + ", machine " + frame["machine"])
    names = ["backend", "linkage"]
    kinds = list(frame.groupby(names).groups)
    colours = {kind: COLOURS[i % len(COLOURS)] for i, kind in enumerate(kinds)}
    markers = {kind: MARKERS[i % len(MARKERS)] for i, kind in enumerate(kinds)}
    for (backend, linkage, noise), line in frame.groupby([*names, "noise"]):
        style = {"color": colours[backend, linkage], "marker": markers[backend, linkage]}
        words = f"{backend}, {linkage}, {noise}"
        _draw_line(axes, line, words, linestyle=_LINE_STYLES[str(noise)], **style)
        _draw_linked_points(axes, line, titles, **style)
    _draw_proportional_line(axes, frame)
    _set_axes(axes, frame)
    save_figure(figure, Path(path))


def _draw_line(axes: Axes, rows: pd.DataFrame, words: str, **style: Any) -> None:
    """Draw the line of one backend, linkage and noise. The legend shows ``words`` and the exponent."""
    ms, fitted = rows["round_ms"], fit_exponent(rows)
    axes.errorbar(
        rows["edges"],
        ms,
        yerr=[ms - rows["round_ms_q1"], rows["round_ms_q3"] - ms],
        markeredgecolor="white",
        capsize=3,
        label=words + ("" if np.isnan(fitted) else f": exponent {fitted:.2f}"),
        **style,
    )


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
    axes.plot(edges, least * edges, color=GREY, linestyle=":", linewidth=1, label="exponent 1")


def _set_axes(axes: Axes, frame: pd.DataFrame) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(which="major", color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_ylabel("merge time in ms, quartiles over the rounds")
    ticks = frame.groupby("size", sort=False)["edges"].mean()
    axes.set_xticks(ticks, [f"{edges / 1e6:#.3g} M\n{size}" for size, edges in ticks.items()])
    axes.set_xlabel("pixel edges of the field, and its size")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(LogLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.12g}"))
    axes.legend(
        frameon=False, fontsize=8, handlelength=3, loc="upper left", bbox_to_anchor=(1.01, 1)
    )
