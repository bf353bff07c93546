import pandas as pd
import pytest
from PIL import Image

from bench.report.figures import losses as losses_module
from bench.report.figures.losses import write_losses


def test_every_step_is_in_the_csv_and_the_plot_is_drawn(tmp_path):
    losses = [1 / (1 + step) for step in range(120)]
    write_losses(losses, tmp_path, "affinity")
    frame = pd.read_csv(tmp_path / "affinity.losses.csv")
    assert frame["step"].tolist() == list(range(1, 121))
    assert frame["loss"].tolist() == losses
    assert Image.open(tmp_path / "affinity.losses.png").width == 1200


@pytest.mark.parametrize(
    ("losses", "scale", "lines"),
    [([2.96, 2.9, 2.8, 2.7], "linear", 1), ([1 / (1 + step) for step in range(120)], "log", 2)],
)
def test_few_losses_have_a_linear_axis_and_no_mean(losses, scale, lines, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(losses_module, "save_figure", lambda figure, path: drawn.append(figure))
    write_losses(losses, tmp_path, "semantic")
    (axes,) = drawn[0].axes
    assert axes.get_yscale() == scale and len(axes.lines) == lines
    low, high = axes.get_xlim()
    steps = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert steps and all(float(tick).is_integer() for tick in steps)
