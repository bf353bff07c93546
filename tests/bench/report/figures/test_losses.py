import pandas as pd
from PIL import Image

from bench.report.figures.losses import write_losses


def test_every_step_is_in_the_csv_and_the_plot_is_drawn(tmp_path):
    losses = [1 / (1 + step) for step in range(120)]
    write_losses(losses, tmp_path, "affinity")
    frame = pd.read_csv(tmp_path / "affinity.losses.csv")
    assert frame["step"].tolist() == list(range(1, 121))
    assert frame["loss"].tolist() == losses
    assert Image.open(tmp_path / "affinity.losses.png").width == 1200
