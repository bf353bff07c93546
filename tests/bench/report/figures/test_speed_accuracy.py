"""The figure of AP against merge time."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.report.figures.speed_accuracy import plot_speed_accuracy


def frame(**changes) -> pd.DataFrame:
    one = {"backend": "c", "linkage": "average", "AP": 0.4, "ms": 9.0, "ms_q1": 8.0, "ms_q3": 12.0}
    return pd.DataFrame([one | {"threads": 1, "scope": "maps"} | changes])


@pytest.mark.parametrize("changes", [{}, {"AP": np.nan, "scope": "crops"}])
def test_the_plot_is_a_png_of_the_stated_size(tmp_path, changes):
    both = pd.concat([frame(linkage="max", ms=3.0, ms_q1=2.0), frame(**changes)])
    plot_speed_accuracy(both, tmp_path / "new" / "plot.png", {"connected components": 0.2})
    with Image.open(tmp_path / "new" / "plot.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1600, 900))


def test_a_plot_without_times_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no row of the table has a time"):
        plot_speed_accuracy(frame(ms=np.nan), tmp_path / "plot.png")
    assert not list(tmp_path.iterdir())
