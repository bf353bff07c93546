"""What all figures share: colours, markers, and how a figure is written."""

from pathlib import Path

from matplotlib.figure import Figure

from merge_impls.files import atomic_write

# Okabe-Ito colours, which colour-blind readers can tell apart; without yellow, which is pale on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000"]
MARKERS = ["o", "s", "^", "D", "v", "P"]
GREY = "#666666"


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as a PNG, whole or not at all."""
    with atomic_write(path) as unfinished:
        figure.savefig(unfinished, format="png")
