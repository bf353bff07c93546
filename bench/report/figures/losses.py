"""The losses of all steps of a training: a CSV file and a figure."""

from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from bench.report.figures.style import GREY, save_figure
from bench.report.tables.table_files import write_csv
from merge_impls.speed_comparison.method_styles import COLOURS

STEPS_IN_RUNNING_MEAN = 50
"""The number of steps over which the running mean in the figure is taken."""


def write_losses(losses: list[float], folder: Path, network: str) -> None:
    """Write ``NETWORK.losses.csv`` (step from 1, loss) and ``NETWORK.losses.png`` to ``folder``.

    The running mean is drawn if there are more steps than it is taken over.
    """
    frame = pd.DataFrame({"step": range(1, len(losses) + 1), "loss": losses})
    write_csv(frame, folder / f"{network}.losses.csv")
    figure = Figure(figsize=(8, 4), dpi=150, layout="constrained")
    axes = figure.subplots()
    if len(losses) > STEPS_IN_RUNNING_MEAN:
        axes.plot(frame["step"], frame["loss"], color=GREY, linewidth=0.4, label="a step")
        mean = frame["loss"].rolling(STEPS_IN_RUNNING_MEAN, min_periods=1).mean()
        axes.plot(frame["step"], mean, color=COLOURS[0], label=f"mean of {STEPS_IN_RUNNING_MEAN}")
    else:
        axes.plot(frame["step"], frame["loss"], color=COLOURS[0], marker="o", label="a step")
    _set_scales(axes, losses)
    axes.set_xlabel("step")
    axes.set_ylabel(f"loss of the {network} network")
    axes.grid(alpha=0.3, which="both")
    axes.legend(frameon=False)
    save_figure(figure, folder / f"{network}.losses.png")


def _set_scales(axes: Axes, losses: list[float]) -> None:
    """Whole numbers of steps; a logarithmic axis of losses if they span a factor of 10, else a linear one."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    if losses and 0 < 10 * min(losses) <= max(losses):
        axes.set_yscale("log")
        return
    formatter = ScalarFormatter(useOffset=False)
    formatter.set_scientific(False)
    axes.yaxis.set_major_formatter(formatter)
