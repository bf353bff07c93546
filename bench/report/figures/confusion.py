"""The figure of a confusion matrix."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from bench.report.figures.style import save_figure


def plot_confusion(shares: np.ndarray, names: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix as a PNG. Shares below half a percent are not written.

    shares: (1 + C, 1 + C), the share of the pixels of an annotated class (row) that is predicted as a class
        (column). names: the names of background and classes.
    """
    side = 2 + 0.6 * len(names)
    figure = Figure(figsize=(side + 0.6, side), dpi=150, layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("annotated")
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            colour = "white" if share > 0.5 else "black"
            axes.text(
                column, row, f"{share:.2f}", ha="center", va="center", color=colour, fontsize=8
            )
    figure.colorbar(image, ax=axes, label="share of the annotated class's pixels", shrink=0.8)
    save_figure(figure, Path(path))
