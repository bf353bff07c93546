"""The layouts and the grey of all figures, and the functions that write a figure to a file.

The colours and markers of methods are those of ``merge_impls.speed_comparison.method_styles``.
"""

import io
import re
from collections.abc import Callable
from enum import Enum
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from merge_impls.file_writing import atomic_write

GREY = "#666666"
"""The colour of lines and texts of no method."""

OTHERS = "#8c8c8c"
"""The colour of bars that are not of our own measurements."""

TEXT = "#222222"
"""The colour of texts beside points and bars."""

GRID = "#e6e6e6"
"""The colour of grid lines, which need no contrast."""

NARROW_INCHES = 4.6
"""The width of a figure for a phone. An inch has 72 pixels of a screen, of which a phone shows about 360."""


class Layout(Enum):
    """The shape of a figure: for a page or a wide screen, or for a phone."""

    WIDE = "wide"
    NARROW = "narrow"


_TITLE = "title: "
"""How the identifier of an artist starts that has a title."""


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure to a PNG or SVG file in one step. Only SVG has the titles and links of artists."""
    with atomic_write(path) as unfinished:
        if path.suffix == ".svg":
            unfinished.write_text(_svg_text(figure), encoding="utf-8")
        else:
            figure.savefig(unfinished, format="png")


def save_layouts(draw: Callable[[Layout], Figure], path: Path) -> None:
    """Write the wide figure of ``draw`` to ``path``. In SVG also write the narrow one, to ``narrow_path``."""
    save_figure(draw(Layout.WIDE), path)
    if path.suffix == ".svg":
        save_figure(draw(Layout.NARROW), narrow_path(path))


def narrow_path(path: Path) -> Path:
    """The file beside the SVG file ``path`` with the same figure for a phone."""
    return path.with_name(f"{path.stem}-narrow.svg")


def whisker_lengths(
    middle: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """(2, N): the lengths of the whiskers below and above N points; nan, so no whisker, if both are 0.

    The quartiles of one measurement are equal. Caps without a line between them would look like an interval.
    """
    points = np.atleast_1d(np.asarray(middle, np.float64))
    lengths = np.array([points - np.asarray(low, float), np.asarray(high, float) - points])
    return np.where((lengths == 0).all(axis=0), np.nan, lengths)


def set_title_and_link(artist: Artist, title: str, link: str) -> None:
    """In an SVG file, show ``title`` when a reader points at the artist, and open ``link`` at a click."""
    artist.set_gid(_TITLE + title)
    artist.set_url(link)


def _svg_text(figure: Figure) -> str:
    """The figure as an element ``svg`` for an HTML page, on a transparent background."""
    file = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "report"}):
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, count=1, flags=re.DOTALL)
    text = text.replace(' target="_blank"', "")  # a link opens a row of the same page
    return re.sub(r'<g id="([^"]*)">', _group_with_title, text)


def _group_with_title(found: re.Match[str]) -> str:
    """A group without its identifier, which other figures of a page may also have, but with its title."""
    name = found[1]
    return f"<g><title>{name.removeprefix(_TITLE)}</title>" if name.startswith(_TITLE) else "<g>"
