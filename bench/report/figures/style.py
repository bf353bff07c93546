"""The colours and markers of all figures, and the functions that write a figure to a file."""

import io
import re
from pathlib import Path

import matplotlib
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from merge_impls.file_writing import atomic_write

# These are the Okabe-Ito colours, which colour-blind readers can tell apart. Yellow is left out, because it
# is pale on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"]
MARKERS = ["o", "s", "^", "D", "v", "P"]
GREY = "#666666"

_TITLE = "title: "
"""How the identifier of an artist starts that has a title."""


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure to a PNG or SVG file in one step. Only SVG has the titles and links of artists."""
    with atomic_write(path) as unfinished:
        if path.suffix == ".svg":
            unfinished.write_text(_svg_text(figure), encoding="utf-8")
        else:
            figure.savefig(unfinished, format="png")


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
