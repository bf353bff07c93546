"""The cost of a frame is reckoned for all frames of Cityscapes."""

import pandas as pd
import pytest

from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from benchmarks.frame_cost import cost_table, measure_cost

WORK = ["networks", "merges", "scoring"]


def test_hours_are_those_of_all_frames_shared_out_over_cores():
    measured = pd.DataFrame({"work": WORK, "core_seconds": [2.0, 1.0, 0.6], "frame": "256x512"})
    table = cost_table(measured).set_index("work")
    assert list(table.index) == [*WORK, "sum"]
    assert table.loc["sum", "core seconds"] == "3.6"
    assert list(table.loc["sum"])[1:] == ["80", "5", "1"]  # 3.6 s, 16 frames' pixels, 5,000 frames


@pytest.mark.exhaustive
def test_each_work_takes_time(tmp_path):
    generate(tmp_path / "data", {"val": 1}, (64, 128))
    found = measure_cost(open_dataset("scenes", tmp_path / "data"), tmp_path / "cache")
    assert list(found["work"]) == WORK and (found["core_seconds"] > 0).all()
