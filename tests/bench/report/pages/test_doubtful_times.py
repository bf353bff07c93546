"""Doubtful times have one bullet for each reason, and one sentence if all times are doubtful."""

import numpy as np
import pandas as pd

from bench.report.pages.doubtful_times import describe_doubt_of_all_times, list_doubtful_times

ROW = {"backend": "c", "linkage": "average", "speedup": 2.0, "noise_floor": np.nan}


def table_with(*warnings):
    return pd.DataFrame(
        [ROW | {"row": str(i), "warnings": text} for i, text in enumerate(warnings)]
    )


def test_a_reason_has_one_bullet_with_its_rows_and_its_range():
    table = table_with("busy machine: 20% more", "busy machine: 110% more", "")
    (bullet,) = list_doubtful_times(table)
    assert bullet.endswith("busy machine: 20% to 110% more: `c / average / 0`; `c / average / 1`")


def test_a_reason_of_all_rows_names_no_row():
    table = table_with("few rounds: 1", "few rounds: 1; busy machine: 20% more")
    every, some = list_doubtful_times(table)
    assert every == "- All times are doubtful: few rounds: 1"
    assert some.startswith("- Doubtful times: busy machine")


def test_the_summary_says_that_all_times_are_doubtful_and_why():
    table = table_with("few rounds: 1", "busy machine: 20% more")
    (sentence,) = describe_doubt_of_all_times({"speed_mild": table})
    assert sentence.startswith("All 2 times are doubtful: few rounds (1 of 2 times: 1)")
    assert "busy machine (1 of 2 times: 20% more), no A/A measurement." in sentence
    measured = table.assign(noise_floor=0.1)
    assert "A/A" not in describe_doubt_of_all_times({"speed_mild": measured})[0]


def test_one_sound_time_leaves_the_others_to_the_notes():
    assert describe_doubt_of_all_times({"speed_mild": table_with("few rounds: 1", "")}) == []
    assert describe_doubt_of_all_times({}) == []
