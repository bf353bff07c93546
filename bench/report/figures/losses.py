"""The losses of all steps of a training: a CSV file and a figure."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from bench.report.figures.style import GREY, save_figure
from bench.report.tables.table_files import write_csv
from merge_impls.speed_comparison.method_styles import COLOURS

STEPS_IN_RUNNING_MEAN = 50
"""The number of steps over which the running mean in the figure is taken."""


def write_losses(losses: list[float], folder: Path, network: str) -> None:
    """Write ``NETWORK.losses.csv`` (step from 1, loss) and ``NETWORK.losses.png`` to ``folder``."""
    frame = pd.DataFrame({"step": range(1, len(losses) + 1), "loss": losses})
    write_csv(frame, folder / f"{network}.losses.csv")
    figure = Figure(figsize=(8, 4), dpi=150, layout="constrained")
    axes = figure.subplots()
    axes.plot(frame["step"], frame["loss"], color=GREY, linewidth=0.4, label="a step")
    mean = frame["loss"].rolling(STEPS_IN_RUNNING_MEAN, min_periods=1).mean()
    axes.plot(frame["step"], mean, color=COLOURS[0], label=f"mean of {STEPS_IN_RUNNING_MEAN}")
    axes.set_yscale("log")
    axes.set_xlabel("step")
    axes.set_ylabel(f"loss of the {network} network")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    save_figure(figure, folder / f"{network}.losses.png")
