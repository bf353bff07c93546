"""The Pareto fronts of AP against time, over all methods and over the exact ones."""

import numpy as np
import pandas as pd

from bench.report.tables.pareto import front_column, pareto_front


def frame(*points, identical="yes"):
    return pd.DataFrame(points, columns=["ms", "AP"]).assign(identical=identical)


def test_a_row_on_the_front_is_beaten_by_no_row_and_all_others_are():
    rng = np.random.default_rng(0)
    table = frame(*rng.integers(0, 8, (40, 2)).tolist())
    on_front = pareto_front(table)
    points = table[["ms", "AP"]].to_numpy()
    for (ms, ap), is_on in zip(points, on_front, strict=True):
        beaten = [a <= ms and b >= ap and (a, b) != (ms, ap) for a, b in points]
        assert is_on != any(beaten)


def test_rows_without_time_or_ap_are_not_on_the_front_and_beat_no_row():
    table = frame((1, np.nan), (np.nan, 0.9), (2, 0.5))
    assert pareto_front(table).tolist() == [False, False, True]


def test_an_approximate_row_beats_exact_rows_on_the_front_over_all_alone():
    table = pd.concat(
        [frame((10, 0.5), (20, 0.6), (5, 0.3)), frame((8, 0.5), identical="approximate")]
    )
    assert front_column(table).tolist() == ["exact", "all, exact", "all, exact", "all"]
