"""The figure of a study with variants: AP of each variant, here and in the paper."""

import textwrap
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report.figures.style import (
    GREY,
    NARROW_INCHES,
    OTHERS,
    TEXT,
    Layout,
    save_layouts,
    set_title_and_link,
)
from bench.report.tables.method_names import row_name
from bench.report.tables.shown_columns import row_id, row_titles
from merge_impls.measurement_statistics import LEAST_IMAGES
from merge_impls.speed_comparison.method_styles import COLOURS

_PAIRED_BAR_HEIGHT = 0.38
"""The height of a bar if each variant has two bars. The distance between variants is 1."""

_NARROW_LETTERS = 55
"""The most letters of a line above the bars of the narrow layout."""

_WIDE_LETTERS = 32
"""The most letters of a line of a name beside the bars of the wide layout."""

_NARROW_BAR_SHARE = 0.6
"""How high bars are in the narrow layout, as a share of the wide one: texts need the space above them."""


_WHISKER = "95% interval of the change of AP (not of AP itself),\nadded to AP of the row in “compared with”"
"""The label of all whiskers in the legend."""


def plot_ablation(frame: pd.DataFrame, path: Path) -> None:
    """Write the figure ``ablation_figure(frame)`` to a PNG file, or in both layouts as SVG."""
    save_layouts(lambda layout: ablation_figure(frame, layout), path)


def ablation_figure(frame: pd.DataFrame, layout: Layout = Layout.WIDE) -> Figure:
    """Draw AP of each variant as a bar, with the paper's AP below it. The first variant is on top.

    Each linkage has a panel, in which a variant is at the same height as in the other panels. If each variant
    has only one linkage, a single panel shows all variants. Bars are labelled with the change of AP and its
    interval, which is left out for few images. A whisker spans the interval: the AP of the variant that was
    compared with, plus the bounds of the change. In SVG, each bar has its row as a title, and a link to the
    row. The paper's bars are hatched. Only the direction of the paper's changes can be compared: its
    networks and images differ.

    In the narrow layout, panels are stacked, and the name of a variant stands above its bars.

    frame: an ``ablation_table``. Of the exact backends of a row, only the first is drawn, because all have
    the same AP. An approximate method has a bar of its own, which is labelled with its name too.
    """
    links = [f"#{row_id('ablation', number)}" for number in range(len(frame))]
    linked = frame.assign(title=row_titles("ablation", frame), link=links)
    linked["row"] = [row_name(row) for row in frame.to_dict("records")]
    scored = linked[linked["AP"].notna()].drop_duplicates(["row", "linkage"])
    names = list(dict.fromkeys(scored["row"]))
    alone = scored["row"].is_unique
    groups = [scored] if alone else [rows for _, rows in scored.groupby("linkage", sort=False)]
    figure, panels = _figure_and_panels(layout, len(groups), len(names))
    for axes, rows in zip(panels, groups, strict=True):
        _draw_bars_of_variants(axes, rows, rows["row"].map(names.index).to_numpy(), layout)
        linkages = rows["linkage"].unique()
        if len(linkages) == 1:
            axes.set_title(f"linkage {linkages[0]}", fontsize=10, loc="left")
    _set_axes(panels, scored, names, layout)
    _draw_legend_below(figure, panels[-1], layout)
    return figure


def _figure_and_panels(layout: Layout, panels: int, names: int) -> tuple[Figure, Sequence[Axes]]:
    """A figure with panels side by side, or stacked in the narrow layout, for ``names`` variants."""
    is_wide = layout is Layout.WIDE
    wide, narrow = (
        (5.2 * panels + 2.8, 0.62 * names + 1.4),
        (NARROW_INCHES, 0.75 * panels * names + 1.6),
    )
    figure = Figure(figsize=wide if is_wide else narrow, dpi=160, layout="constrained")
    shape = (1, panels) if is_wide else (panels, 1)
    axes = figure.subplots(*shape, squeeze=False, sharex=True, sharey=True)
    return figure, list(axes.ravel())


def _set_axes(
    panels: Sequence[Axes], scored: pd.DataFrame, names: Sequence[str], layout: Layout
) -> None:
    has_paper = scored["paper"].notna().any()
    is_wide = layout is Layout.WIDE
    panels[0].set_yticks(
        np.arange(len(names)) + (_PAIRED_BAR_HEIGHT / 2 if has_paper else 0),
        [textwrap.fill(name, _WIDE_LETTERS) if is_wide else "" for name in names],
    )
    panels[0].set_ylim(len(names) - 1 + 2 * _PAIRED_BAR_HEIGHT, -2 * _PAIRED_BAR_HEIGHT)
    panels[0].set_xlim(0, (1.75 if is_wide else 1.25) * np.nanmax(scored[["AP", "paper"]]))


def _draw_legend_below(figure: Figure, axes: Axes, layout: Layout) -> None:
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
        ncols=3 if layout is Layout.WIDE else 1,
    )


def _draw_bars_of_variants(
    axes: Axes, rows: pd.DataFrame, place: np.ndarray, layout: Layout
) -> None:
    has_paper = rows["paper"].notna().any()
    height = _PAIRED_BAR_HEIGHT if has_paper else 0.6
    height *= 1 if layout is Layout.WIDE else _NARROW_BAR_SHARE
    bars = axes.barh(place, rows["AP"], height, color=COLOURS[0], label="here")
    for bar, row in zip(bars, rows.to_dict("records"), strict=True):
        set_title_and_link(bar, row["title"], row["link"])
    if has_paper:
        axes.barh(
            place + height,
            rows["paper"],
            height,
            color=OTHERS,
            hatch="///",
            edgecolor="white",
            linewidth=0,
            label="the paper, Cityscapes val",
        )
    for y, row in zip(place, rows.to_dict("records"), strict=True):
        _write_ap_and_change(axes, row, y, y + height, layout)
    axes.set_xlabel(_label_of_ap_axis(rows))
    axes.spines[["top", "right"]].set_visible(False)


def _label_of_ap_axis(rows: pd.DataFrame) -> str:
    is_short = rows["images"].max() < LEAST_IMAGES
    interval = "(no interval below {} images)" if is_short else "[95% interval of the change]"
    return f"AP, change of AP\n{interval.format(LEAST_IMAGES)}"


def _write_ap_and_change(
    axes: Axes, row: Mapping[Hashable, Any], y: float, paper_y: float, layout: Layout
) -> None:
    """Write the numbers of a variant: AP with its change, and the paper's AP.

    They stand at the ends of the bars. In the narrow layout, AP stands above the bars, after the name.
    """
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
    style: dict[str, Any] = {"textcoords": "offset points", "fontsize": 9}
    if layout is Layout.WIDE:
        axes.annotate(words, (end, y), xytext=(4, 0), va="center", color=TEXT, **style)
    else:
        text, above = _name_and_words(row["row"], words), y - (paper_y - y) / 2
        name = axes.annotate(text, (0, above), xytext=(0, 3), va="bottom", color=TEXT, **style)
        name.set_in_layout(False)  # it may be wider than the axis
    if not np.isnan(paper):
        place = paper, paper_y
        axes.annotate(f"{paper:.3f}", place, xytext=(4, 0), va="center", color=GREY, **style)


def _name_and_words(name: str, words: str) -> str:
    """The text above the bars of the narrow layout: in one line, or in several if it is long."""
    text = f"{name}: {words}"
    if len(text) <= _NARROW_LETTERS:
        return text
    return textwrap.fill(f"{name}:", _NARROW_LETTERS) + f"\n{words}"
