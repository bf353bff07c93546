"""Tables in the terminal: 100 characters, with the interval and the noise floor of each speed."""

import pandas as pd
import pytest

from bench.report.tables.shown_columns import shown_columns_markdown
from bench.report.tables.terminal_tables import terminal_table

ROW = {
    "backend": "c",
    "linkage": "average",
    "AP": 0.5,
    "ms": 10.0,
    "ms_q1": 9.0,
    "ms_q3": 11.0,
    "speedup": 2.0,
    "speedup_low": 1.9,
    "speedup_high": 2.1,
    "speedup_over": "heap on maps",
    "noise_floor": 0.0123,
    "verdict": "faster",
    "identical": "yes",
    "identical_to": "networkx on crops of 8x16, numba on maps, heap on maps",
    "scope": "maps",
    "threads": 1,
}
BASELINE = ROW | {
    "backend": "heap",
    "speedup": 1.0,
    "speedup_low": float("nan"),
    "speedup_high": float("nan"),
    "verdict": "",
}


def shown(*rows, name="speed_accuracy"):
    """The lines of the table, with single spaces."""
    text = terminal_table(name, pd.DataFrame(rows))
    assert max(map(len, text.splitlines())) <= 100
    return [" ".join(line.split()) for line in text.splitlines()]


def test_a_speed_has_its_interval_its_noise_floor_and_its_verdict():
    lines = shown(ROW, BASELINE)
    assert "c average 0.500 10.0 2.00 (1.90 to 2.10) 1.2% faster same result" in lines
    assert "heap average 0.500 10.0 1.00 – – same result" in lines
    assert any(line.startswith("faster, slower: the whole interval") for line in lines)
    assert any(line.startswith("same result: bit for bit") for line in lines)


def test_the_baseline_stands_in_the_heading_if_it_is_the_same_in_all_rows():
    other = ROW | {"speedup_over": "mine on maps"}
    assert any("× heap" in line for line in shown(ROW, BASELINE)[:3])
    assert any("2.00 × mine (1.90 to 2.10)" in line for line in shown(ROW, other))


def test_a_row_of_crops_says_so():
    crops = ROW | {"scope": "crops", "speedup_over": "heap on crops", "speedup": 1 / 227}
    crops |= {"speedup_low": 1 / 250, "speedup_high": 1 / 200, "verdict": "slower"}
    (line,) = [line for line in shown(ROW, crops) if line.startswith("c, on crops")]
    assert "1/227 (1/250 to 1/200)" in line


@pytest.mark.parametrize("verdict", ["too few rounds", "too few images"])
def test_a_speed_without_a_verdict_has_no_interval(verdict):
    few = ROW | {"verdict": verdict, "noise_floor": float("nan")}
    if verdict == "too few images":
        few |= {"speedup_low": float("nan"), "speedup_high": float("nan")}
    lines = shown(few)
    assert f"c average 0.500 10.0 2.00 {verdict} same result" in lines
    assert not any("noise floor" in line for line in lines)


def test_a_wrong_result_stands_in_the_terminal_as_on_the_page():
    frame = pd.DataFrame([ROW | {"identical": "NO"}])
    assert "DIFFERS" in terminal_table("speed_accuracy", frame)
    assert "DIFFERS" in shown_columns_markdown("speed_accuracy", frame)
