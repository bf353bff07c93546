"""The colours and markers of all figures, and the function that writes a figure to a file."""

from pathlib import Path

from matplotlib.figure import Figure

from merge_impls.file_writing import atomic_write

# These are the Okabe-Ito colours, which colour-blind readers can tell apart. Yellow is left out, because it
# is pale on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"]
MARKERS = ["o", "s", "^", "D", "v", "P"]
GREY = "#666666"


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure to a PNG file in one step."""
    with atomic_write(path) as unfinished:
        figure.savefig(unfinished, format="png")
