"""The figure of a study with variants: AP of each variant, here and in the paper."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report.figures.style import COLOURS, GREY, save_figure, set_title_and_link
from bench.report.tables.shown_columns import row_id, row_titles
from merge_impls.measurement_statistics import LEAST_IMAGES

_PAIRED_BAR_HEIGHT = 0.38
"""The height of a bar if each variant has two bars. The distance between variants is 1."""


def plot_ablation(frame: pd.DataFrame, path: Path) -> None:
    """Write the figure ``ablation_figure(frame)`` to a PNG or SVG file."""
    save_figure(ablation_figure(frame), path)


_WHISKER = "95% interval of the change from the row in “compared with”"
"""The label of all whiskers in the legend."""


def ablation_figure(frame: pd.DataFrame) -> Figure:
    """Draw AP of each variant as a bar, with the paper's AP below it. The first variant is on top.

    Each linkage has a panel, in which a variant is at the same height as in the other panels. If each variant
    has only one linkage, a single panel shows all variants. Bars are labelled with the change of AP and its
    interval, which is left out for few images. A whisker spans the interval: the AP of the variant that was
    compared with, plus the bounds of the change. In SVG, each bar has its row as a title, and a link to the
    row. The paper's bars are hatched. Only the direction of the paper's changes can be compared: its
    networks and images differ.

    frame: an ``ablation_table``. Only the first backend is drawn, because all backends have the same AP.
    """
    links = [f"#{row_id('ablation', number)}" for number in range(len(frame))]
    linked = frame.assign(title=row_titles("ablation", frame), link=links)
    scored = linked[linked["AP"].notna()].drop_duplicates(["row", "linkage"])
    names = list(dict.fromkeys(scored["row"]))
    alone = scored["row"].is_unique
    groups = [scored] if alone else [rows for _, rows in scored.groupby("linkage", sort=False)]
    figure = Figure(
        figsize=(5.2 * len(groups) + 2.8, 0.62 * len(names) + 1.4), dpi=160, layout="constrained"
    )
    panels = figure.subplots(1, len(groups), squeeze=False, sharex=True, sharey=True)[0]
    for axes, rows in zip(panels, groups, strict=True):
        _draw_bars_of_variants(axes, rows, rows["row"].map(names.index).to_numpy())
        linkages = rows["linkage"].unique()
        if len(linkages) == 1:
            axes.set_title(f"linkage {linkages[0]}", fontsize=10, loc="left")
    _set_axes(panels, scored, names)
    _draw_legend_below(figure, panels[-1])
    return figure


def _set_axes(panels: Sequence[Axes], scored: pd.DataFrame, names: Sequence[str]) -> None:
    has_paper = scored["paper"].notna().any()
    panels[0].set_yticks(
        np.arange(len(names)) + (_PAIRED_BAR_HEIGHT / 2 if has_paper else 0), names
    )
    panels[0].set_ylim(len(names) - 1 + 2 * _PAIRED_BAR_HEIGHT, -2 * _PAIRED_BAR_HEIGHT)
    panels[0].set_xlim(0, 1.75 * np.nanmax(scored[["AP", "paper"]]))


def _draw_legend_below(figure: Figure, axes: Axes) -> None:
    """Write what the bars and the whiskers of ``axes`` are below the panels, where it covers nothing."""
    handles, labels = axes.get_legend_handles_labels()
    entries = dict(zip(labels, handles, strict=True))  # one for all whiskers
    names = sorted(entries, key=_WHISKER.__eq__)
    figure.legend(
        [entries[name] for name in names],
        names,
        frameon=False,
        fontsize=9,
        loc="outside lower center",
        ncols=3,
    )


def _draw_bars_of_variants(axes: Axes, rows: pd.DataFrame, place: np.ndarray) -> None:
    has_paper = rows["paper"].notna().any()
    height = _PAIRED_BAR_HEIGHT if has_paper else 0.6
    bars = axes.barh(place, rows["AP"], height, color=COLOURS[0], label="here")
    for bar, title, link in zip(bars, rows["title"], rows["link"], strict=True):
        set_title_and_link(bar, title, link)
    if has_paper:
        axes.barh(
            place + height,
            rows["paper"],
            height,
            color="#c8c8c8",
            hatch="///",
            edgecolor="white",
            linewidth=0,
            label="the paper, Cityscapes val",
        )
    for y, row in zip(place, rows.to_dict("records"), strict=True):
        _write_ap_and_change(axes, row, y, y + height)
    axes.set_xlabel(_label_of_ap_axis(rows))
    axes.spines[["top", "right"]].set_visible(False)


def _label_of_ap_axis(rows: pd.DataFrame) -> str:
    is_short = rows["images"].max() < LEAST_IMAGES
    interval = f"(no interval below {LEAST_IMAGES} images)" if is_short else "with 95% interval"
    return f"AP, and its change {interval}"


def _write_ap_and_change(axes: Axes, row: Mapping[Hashable, Any], y: float, paper_y: float) -> None:
    """Write the numbers at the ends of the bars of a variant: AP with its change, and the paper's AP."""
    ap, paper, change = row["AP"], row["paper"], row["change"]
    words, end = f"{ap:.3f}", ap
    if not np.isnan(change):
        words += f", {change:+.3f}"
        if row["images"] >= LEAST_IMAGES:
            words += f" [{row['change_low']:+.3f}, {row['change_high']:+.3f}]"
            low, high = (ap - change + row[name] for name in ("change_low", "change_high"))
            axes.plot(
                [low, high], [y, y], "|-", color="black", linewidth=1, markersize=5, label=_WHISKER
            )
            end = max(ap, high)
    style: dict[str, Any] = {
        "xytext": (4, 0),
        "textcoords": "offset points",
        "va": "center",
        "fontsize": 8,
    }
    axes.annotate(words, (end, y), color="#222222", **style)
    if not np.isnan(paper):
        axes.annotate(f"{paper:.3f}", (paper, paper_y), color=GREY, **style)
