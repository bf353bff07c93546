"""The affinity explorer: the annotated and predicted affinities of one pixel (as in Fig. 2b and 2c)."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bench.report.figures.style import save_figure
from bench.report.pictures.colours import Labels, Picture

ARROWS = {
    (-1, -1): "↖",
    (-1, 0): "↑",
    (-1, 1): "↗",
    (0, -1): "←",
    (0, 1): "→",
    (1, -1): "↙",
    (1, 0): "↓",
    (1, 1): "↘",
}
"""The arrow for each of the eight directions (dy, dx). The table has a column for each direction."""

Colour = str | tuple[float, float, float, float]

_SAME, _OTHER, _HERE = "#0072B2", "#D55E00", "#F0E442"  # Okabe-Ito, near the paper's colours
_UNKNOWN = "#9a9a9a"
_SHADES = LinearSegmentedColormap.from_list("affinity", [_OTHER, "#f4f4f4", _SAME])
_LARGEST_DOT = 9
_BOTTOM, _PANEL = 0.075, 0.81  # of the figure's height
_BAND, _CELL = 0.14, 0.76  # widths in the table, of a column


def annotated_and_predicted_affinities(
    instances: Labels,
    affinity: npt.NDArray[np.floating],
    offsets: Sequence[tuple[int, int]],
    pixel: tuple[int, int],
) -> pd.DataFrame:
    """The annotated and the predicted affinity between a pixel and each of its neighbours (section 3.3).

    instances: (H, W), the annotation: 1..n, 0 for background, below 0 for void.
    affinity: (K, H, W) in [0, 1]; affinity[k, p] belongs to the pair (p, p + offsets[k]).
    offsets: (K, 2), only one of two opposite offsets. pixel: row and column.

    Returns a frame with a row for each of the 2 K neighbours: ``dy`` and ``dx`` from the pixel to the
    neighbour, and ``distance``, the larger of |dy| and |dx|. ``label`` is 1 if both pixels are in one
    instance, and 0 if not; it is nan if both are background, if one is void, or if the neighbour is outside
    the image. ``predicted`` is nan outside the image.
    Raises ValueError for a pixel outside the image and for maps of different sizes.
    """
    _check_sizes_and_pixel(instances.shape, affinity.shape, len(offsets), pixel)
    rows = []
    for channel, offset in enumerate(np.asarray(offsets)):
        for step in (offset, -offset):
            there = tuple((np.asarray(pixel) + step).tolist())
            label = predicted = np.nan
            if _is_inside_image(there, instances.shape):
                # The affinity of a pair is stored at the pixel to which the offset is added.
                start = pixel if step is offset else there
                predicted = float(affinity[channel, *start])
                label = _annotated_affinity(instances[*pixel], instances[there])
            rows.append((*step.tolist(), int(abs(step).max()), label, predicted))
    frame = pd.DataFrame(rows, columns=["dy", "dx", "distance", "label", "predicted"])
    return frame.sort_values(["distance", "dy", "dx"], ignore_index=True)


def _check_sizes_and_pixel(
    size: tuple[int, ...], affinity_shape: tuple[int, ...], channels: int, pixel: tuple[int, int]
) -> None:
    """Raise ValueError unless the affinities fit the offsets and the image, and the image has the pixel."""
    if affinity_shape != (channels, *size):
        raise ValueError(
            f"affinities of shape {affinity_shape} do not fit {channels} offsets and instances of "
            f"shape {size}"
        )
    if not _is_inside_image(pixel, size):
        rows_and_columns = f"{size[0]} rows and {size[1]} columns"
        raise ValueError(f"pixel {tuple(pixel)} is outside the image of {rows_and_columns}")


def _is_inside_image(pixel: Sequence[int], shape: tuple[int, ...]) -> bool:
    return all(0 <= place < length for place, length in zip(pixel, shape, strict=True))


def _annotated_affinity(one: int, other: int) -> float:
    if min(one, other) < 0 or max(one, other) == 0:
        return np.nan
    return float(one == other)


def draw_pixel_affinities(
    path: Path,
    image: Picture,
    instances: Labels,
    affinity: npt.NDArray[np.floating],
    offsets: Sequence[tuple[int, int]],
    pixel: tuple[int, int],
    title: str = "",
) -> None:
    """Draw the affinities of a pixel as a PNG of 1600 x 560 pixels: annotated, predicted, and in a table.

    The arguments and errors are those of ``annotated_and_predicted_affinities``. An offset that points in
    none of the eight directions of equation 1 is an error, too.
    """
    frame = annotated_and_predicted_affinities(instances, affinity, offsets, pixel)
    _check_directions(frame)
    figure = Figure(figsize=(16, 5.6), dpi=100)
    side = _PANEL * 5.6 / 16
    left = figure.add_axes((0.008, _BOTTOM, side, _PANEL))
    middle = figure.add_axes((0.018 + side, _BOTTOM, side, _PANEL))
    table = figure.add_axes((0.055 + 2 * side, _BOTTOM, 0.94 - 2 * side, _PANEL - 0.05))
    labels = _annotated_affinity_colours(frame)
    predictions = [_SHADES(value) for value in frame["predicted"].tolist()]
    _draw_neighbours(left, frame, labels, image, instances, pixel)
    _draw_neighbours(middle, frame, predictions, image, instances, pixel)
    left.set_title("label")
    middle.set_title("predicted affinity")
    _draw_affinity_table(table, frame, labels, predictions)
    _draw_title_and_legend(figure, title or f"row {pixel[0]}, column {pixel[1]}", 0.055 + 2 * side)
    save_figure(figure, Path(path))


def _check_directions(frame: pd.DataFrame) -> None:
    """Raise ValueError if an offset points in none of the eight directions."""
    steps = frame[["dy", "dx"]].to_numpy()
    odd = (steps != np.sign(steps) * frame[["distance"]].to_numpy()).any(axis=1)
    if odd.any():
        dy, dx = steps[odd][0]
        raise ValueError(
            f"offset ({dy}, {dx}) points in none of the 8 directions, so it cannot be drawn; leave it out"
        )


def _annotated_affinity_colours(frame: pd.DataFrame) -> list[str]:
    """The colour of the annotated affinity of each neighbour."""
    names = {0.0: _OTHER, 1.0: _SAME}
    return [names.get(label, _UNKNOWN) for label in frame["label"]]


def _draw_neighbours(
    axes: Axes,
    frame: pd.DataFrame,
    colours: Sequence[Colour],
    image: Picture,
    instances: Labels,
    pixel: tuple[int, int],
) -> None:
    """Draw the image around the pixel, the outline of its instance, and a dot for each neighbour."""
    row, column = pixel
    reach = 1.07 * frame["distance"].max() + 2
    axes.imshow((115 + 0.55 * image).astype(np.uint8), interpolation="nearest")
    if instances[row, column] > 0:
        own = instances == instances[row, column]
        axes.contour(own, levels=[0.5], colors="#303030", linewidths=0.9)
    axes.set_xlim(column - reach, column + reach)
    axes.set_ylim(row + reach, row - reach)
    axes.set_facecolor("#e4e4e4")
    axes.set_xticks([])
    axes.set_yticks([])
    _draw_neighbour_dots(axes, frame, colours, pixel, 340 / (2 * reach))
    axes.plot(column, row, "o", color=_HERE, markeredgecolor="black", markersize=3, zorder=4)


def _draw_neighbour_dots(
    axes: Axes,
    frame: pd.DataFrame,
    colours: Sequence[Colour],
    pixel: tuple[int, int],
    points: float,
) -> None:
    """Draw a dot for each neighbour inside the image. points: the side of a pixel in points, roughly."""
    row, column = pixel
    inside = frame["predicted"].notna().to_numpy()
    dots = np.clip(0.75 * points * frame["distance"], 2, _LARGEST_DOT)[inside]
    axes.scatter(
        column + frame["dx"][inside],
        row + frame["dy"][inside],
        s=dots**2,
        c=[colour for colour, shown in zip(colours, inside, strict=True) if shown],
        edgecolors="#303030",
        linewidths=np.clip(dots / 12, 0.1, 0.7),
        zorder=3,
    )


def _draw_affinity_table(
    axes: Axes, frame: pd.DataFrame, labels: Sequence[Colour], predictions: Sequence[Colour]
) -> None:
    """Draw a table with a cell for each neighbour: a band for the label, a shade for the prediction."""
    distances = frame["distance"].drop_duplicates().tolist()
    places = {direction: column for column, direction in enumerate(ARROWS)}
    axes.set_xlim(-0.5, len(ARROWS) - 0.5)
    axes.set_ylim(len(distances) - 0.5, -0.5)
    for row, band, shade in zip(frame.to_dict("records"), labels, predictions, strict=True):
        x = places[int(np.sign(row["dy"])), int(np.sign(row["dx"]))] - 0.47
        y = distances.index(row["distance"]) - 0.44
        _draw_cell(axes, (x, y), row, band, shade)
    axes.set_xticks(range(len(ARROWS)), ARROWS.values(), fontsize=15)
    axes.set_yticks(range(len(distances)), distances)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_ylabel("distance", labelpad=2)


def _draw_cell(
    axes: Axes,
    corner: tuple[float, float],
    row: Mapping[Hashable, Any],
    band: Colour,
    shade: Colour,
) -> None:
    x, y = corner
    predicted, label = row["predicted"], row["label"]
    outside = np.isnan(predicted)
    words, ink = ("outside", _UNKNOWN) if outside else (f"{predicted:.2f}", "black")
    if not outside:
        known = not np.isnan(label)
        wrong = known and (predicted >= 0.5) != (label == 1)
        edge: dict[str, Any] = {"ec": "black", "lw": 2} if wrong else {"lw": 0}
        axes.add_patch(Rectangle((x, y), _BAND, 0.88, fc=band, lw=0))
        axes.add_patch(Rectangle((x + _BAND + 0.04, y), _CELL, 0.88, fc=shade, **edge))
        ink = "white" if abs(predicted - 0.5) > 0.3 else "black"
    middle = x + _BAND + 0.04 + _CELL / 2
    axes.text(middle, y + 0.44, words, ha="center", va="center", color=ink, fontsize=10)


def _draw_title_and_legend(figure: Figure, title: str, table: float) -> None:
    """Draw title and legend. table: the left end of the table, as a share of the width of the figure."""
    names = {
        "the pixel": _HERE,
        "same instance": _SAME,
        "another, or background": _OTHER,
        "nothing to learn": _UNKNOWN,
    }
    handles = [
        Line2D([], [], marker="o", ls="", color=colour, markeredgecolor="#303030", label=name)
        for name, colour in names.items()
    ]
    figure.legend(
        handles=handles, ncols=len(handles), loc="lower left", frameon=False, handletextpad=0.1
    )
    figure.text(0.008, 0.975, title, va="top", fontsize=13)
    note = "band: label; shade and number: prediction; framed: on the wrong side of 0.5"
    figure.text(table, 0.022, note, va="bottom")
