"""The notes on the speeds of a table: a speed, its verdict, the noise floor, and doubtful times."""

import pandas as pd

from bench.report.pages.doubtful_times import list_doubtful_times
from bench.report.tables.formats import format_speed
from merge_impls.measurement_statistics import (
    LEAST_IMAGES,
    LEAST_ROUNDS,
    LEAST_ROUNDS_OF_A_VERDICT,
    SHORT_FLOOR,
    SHORT_SECONDS,
    TOO_SHORT,
)

TOO_SHORT_NOTE = (
    f"`{TOO_SHORT}`: one of the merges takes less than {1000 * SHORT_SECONDS:.0f} ms, and the interval of "
    f"(own time / time of the baseline) does not lie wholly below {1 - SHORT_FLOOR:g} or wholly above "
    f"{1 + SHORT_FLOOR:g}, because two processes of one method may differ by {SHORT_FLOOR:.0%}. As a speed, "
    f"which is the reciprocal: not wholly above {1 / (1 - SHORT_FLOOR):.3g} or wholly below "
    f"{1 / (1 + SHORT_FLOOR):.3g}."
)
SPEED_OF_IMAGES = (
    "A speed is the median of the ratio of both times over all images and rounds, paired by image and round. "
    "The verdict behind it is `faster` or `slower` if the whole bootstrap interval over the "
    "images (in the CSV) is farther from 1 than the noise "
    f"floor, otherwise `indistinguishable`; fewer than {LEAST_IMAGES} images have no verdict."
)
SPEED_OF_EVERY_METHOD = (
    "A speed is the median of the ratio of both times over all images and rounds, or over the rounds of a "
    "field. Rows of images are compared with the baseline in its first row of the same linkage. The verdict "
    "behind a speed is `faster` or `slower` if the whole bootstrap interval (over the images, or over the "
    "rounds of a field; in the CSV) is farther from 1 than the noise floor, otherwise `indistinguishable`; "
    f"fewer than {LEAST_IMAGES} images, or fewer than {LEAST_ROUNDS_OF_A_VERDICT} rounds, have no verdict."
)
_COVERAGES = " and ".join(
    f"{1 - 2 / 2**rounds:.3g} for {rounds}"
    for rounds in range(LEAST_ROUNDS_OF_A_VERDICT, LEAST_ROUNDS)
)
"""How probably the true median lies between the lowest and the highest value of few rounds."""

SPEED_OF_FIELDS = (
    "A speed is the median over the rounds of the ratio of both times. The verdict behind it is `faster` "
    "or `slower` if the whole bootstrap interval over the rounds of the time divided by that of the baseline "
    "(in the CSV: that of the reciprocal, the speed) is farther from 1 than the noise floor, "
    f"otherwise `indistinguishable`. With fewer than {LEAST_ROUNDS} rounds this interval reaches from the "
    "lowest to the highest ratio, so `faster` says only that the method was faster in every round by more "
    "than the noise floor. Such an interval is not one of 95%: it contains the true median in a share of all "
    f"runs: {_COVERAGES} rounds."
)
_NOISE_FLOOR = (
    "`noise_floor` in the CSV: the share by which two processes of one backend, which took turns with all "
    "others, may differ in time: the farther bound of the interval of their ratio (an A/A measurement)."
)
_NO_NOISE_FLOOR = (
    "These times were measured without an A/A measurement, so the noise floor is unknown and is taken as 0; "
    "a new run measures it."
)


def verdict_notes(table: pd.DataFrame, what: str) -> list[str]:
    """What the speed, its verdict and the noise floor are; the warnings of each row. [] without speeds.

    what: the note on the speeds of the table.
    """
    if table["speedup"].isna().all():
        return []
    floor = _NOISE_FLOOR if table["noise_floor"].notna().any() else _NO_NOISE_FLOOR
    warnings = list_doubtful_times(table)
    too_short = [TOO_SHORT_NOTE] if (table["verdict"] == TOO_SHORT).any() else []
    listed = ["\n".join(warnings)] if warnings else []
    return [_explain_a_speed(table), what, *too_short, floor, *listed]


def _explain_a_speed(table: pd.DataFrame) -> str:
    """What a speed of the table means: the first one other than 1, or the first one."""
    rows = table[table["speedup"].notna()]
    others = rows[rows["speedup"] != 1]
    row = (rows if others.empty else others).iloc[0]
    speed, name = format_speed(row["speedup"]), str(row["speedup_over"]).partition(" on ")[0]
    return f"`{speed} × {name}` in the column `speed` means {speed} times as fast as `{name}`."
