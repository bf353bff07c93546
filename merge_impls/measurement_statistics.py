"""The statistics of measurements: bootstrap intervals, ratios pair by pair, the noise floor, and verdicts.

Times are compared by their ratio to a baseline. If the same baseline is measured twice (an A/A measurement),
the ratio of both shows how large a difference chance alone makes: the noise floor.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from merge_impls.arrays import Float64Array, Int64Array, IntegerArray

LEAST_ROUNDS = 5
"""An interval over fewer rounds is too narrow, because their draws are alike."""

LEAST_ROUNDS_OF_A_VERDICT = 3
"""The interval of one round or two says nothing about chance."""

LEAST_IMAGES = 10
"""Tables show no interval over fewer images: it is too narrow, because their draws are alike."""

TOO_FEW_ROUNDS, TOO_FEW_IMAGES = "too few rounds", "too few images"
"""Stand in place of a verdict on less than ``LEAST_ROUNDS_OF_A_VERDICT`` rounds, ``LEAST_IMAGES`` images."""

SHORT_SECONDS, SHORT_FLOOR = 0.01, 0.2
"""The noise floor of merges shorter than ``SHORT_SECONDS`` is at least ``SHORT_FLOOR``.

The data of such a merge stay in the same memory as long as the process lives. The places of these data in the
caches make one process faster than another one that does the same, by up to a fifth.
"""

WIDE_SPREAD = 0.2
"""If the quartiles differ by more than this share of the median, the spread is wide."""

BUSY_SHARE = 0.1
"""If the wall time exceeds the CPU time by more than this share, the machine was busy."""

LEVEL, DRAWS = 0.95, 1000
"""The share of the draws inside an interval, and the number of draws."""

DRAWS_OF_STEP = 50
"""How many draws are made at once, before their weights get a smaller dtype."""

SLOWER, FASTER, INDISTINGUISHABLE = "slower", "faster", "indistinguishable"
"""The verdicts on a ratio of times."""

TOO_SHORT = "too short to tell"
"""Stands in place of ``SLOWER`` or ``FASTER`` if only ``SHORT_FLOOR`` makes the difference doubtful."""

NOISE_FLOOR_NOTE = "faster, slower: the whole interval is farther from 1 than the noise floor"
"""Stands below a table with noise floors."""

Values: TypeAlias = Sequence[float] | Float64Array


@dataclass(frozen=True)
class Interval:
    """A figure with its bootstrap interval: ``low`` and ``high`` are its bounds."""

    value: float
    low: float
    high: float

    def inverse(self) -> "Interval":
        """The interval of the reciprocal of a positive figure."""
        return Interval(1 / self.value, 1 / self.high, 1 / self.low)


@dataclass(frozen=True)
class TimeComparison:
    """What is known about a ratio of two times.

    ratio: the ratio with its interval. floor: the noise floor; None without an A/A measurement.
    shortest: the shorter one of the two median times in seconds.
    rounds: the number of rounds. images: the number of images; None for times of one problem.
    """

    ratio: Interval
    floor: float | None
    shortest: float
    rounds: int
    images: int | None = None

    @property
    def verdict(self) -> str:
        """``verdict`` on the ratio, or one of the words that stand in its place."""
        if self.images is not None and self.images < LEAST_IMAGES:
            return TOO_FEW_IMAGES
        if self.rounds < LEAST_ROUNDS_OF_A_VERDICT:
            return TOO_FEW_ROUNDS
        found = verdict(self.ratio, self.floor or 0.0)
        if found == INDISTINGUISHABLE or self.shortest >= SHORT_SECONDS:
            return found
        return TOO_SHORT if verdict(self.ratio, SHORT_FLOOR) == INDISTINGUISHABLE else found

    def inverse(self) -> "TimeComparison":
        """The comparison in the other direction."""
        return replace(self, ratio=self.ratio.inverse())


def draw_weights(count: int, draws: int = DRAWS, seed: int = 0) -> IntegerArray:
    """(draws, count), read-only: how often each draw, with replacement, contains each item.

    The dtype is the smallest unsigned one that holds ``count``, because many images have many weights.
    """
    weights = np.empty((draws, count), np.min_scalar_type(count))
    random, share = np.random.default_rng(seed), np.full(count, 1 / count)
    for start in range(0, draws, DRAWS_OF_STEP):
        part = weights[start : start + DRAWS_OF_STEP]
        part[:] = random.multinomial(count, share, len(part))
    weights.flags.writeable = False
    return weights


bootstrap_weights = lru_cache(maxsize=2)(draw_weights)
"""``draw_weights``, with the last two results kept for the next figures of the same rounds or images."""


def percentile_bounds(draws: Float64Array, level: float = LEVEL) -> tuple[float, float]:
    """The bounds between which the share ``level`` of the draws lies, in the middle."""
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def median_interval(values: Values, seed: int = 0) -> Interval:
    """The median of one or more values, with its bootstrap interval."""
    return median_interval_of_groups([[value] for value in values], seed)


def median_interval_of_groups(groups: Sequence[Values], seed: int = 0) -> Interval:
    """The median of the values of all groups, with the bootstrap interval of draws of whole groups.

    Values of one group, such as the rounds of an image, are alike, so they are drawn together.

    groups: one or more, each with one or more values.
    """
    values = np.concatenate([np.asarray(group, np.float64) for group in groups])
    group_of_value = np.arange(len(groups)).repeat([*map(len, groups)])
    medians = _drawn_medians(values, group_of_value, seed)
    return Interval(float(np.median(values)), *percentile_bounds(medians))


def ratio_of_medians(values: Values, others: Values) -> Interval:
    """The median of ``values`` divided by that of ``others``, which were measured apart from them."""
    ratio = float(np.median(values) / np.median(others))
    own, of_others = (np.asarray(each, np.float64) for each in (values, others))
    draws = _drawn_medians(own, np.arange(len(own)), seed=0)
    draws = draws / _drawn_medians(of_others, np.arange(len(of_others)), seed=1)
    return Interval(ratio, *percentile_bounds(draws))


def _drawn_medians(values: Float64Array, groups: Int64Array, seed: int) -> Float64Array:
    """The median of the values in each draw of whole groups, with replacement. Values are sorted once.

    groups: the group of each value, from 0 and rising; each has values.
    """
    order = values.argsort()
    weights = bootstrap_weights(int(groups[-1]) + 1, seed=seed)
    ranks = weights[:, groups[order]].cumsum(axis=1, dtype=np.int32)
    counts = ranks[:, -1:]
    low, high = ((ranks > place).argmax(axis=1) for place in ((counts - 1) // 2, counts // 2))
    medians: Float64Array = (values[order[low]] + values[order[high]]) / 2
    return medians


def ratios_by_round(seconds: Values, others: Values) -> list[float]:
    """``seconds[i] / others[i]`` for each round i that both have."""
    return [float(own / other) for own, other in zip(seconds, others, strict=False)]


def noise_floor(ratios_of_equals: Sequence[Values]) -> float | None:
    """The largest share by which two measurements of the same thing may differ: 0.02 for 2 %.

    It is the farther bound of the interval of the median ratio, because an A/A measurement may by chance have
    a ratio of 1. Differences between single rounds are not in it: the interval of a ratio shows them.

    ratios_of_equals: the ratios of an A/A measurement, one list for each image or for each round; None is
        returned if there are none.
    """
    if not ratios_of_equals:
        return None
    interval = median_interval_of_groups(ratios_of_equals)
    return max(abs(interval.low - 1), abs(interval.high - 1))


def verdict(ratio: Interval, floor: float = 0.0) -> str:
    """Whether a ratio of times shows a difference: ``SLOWER``, ``FASTER`` or ``INDISTINGUISHABLE``.

    The whole interval must be farther from 1 than the noise floor.
    """
    if ratio.low > 1 + floor:
        return SLOWER
    return FASTER if ratio.high < 1 - floor else INDISTINGUISHABLE


def compare_by_round(seconds: Values, others: Values, floor: float | None = None) -> TimeComparison:
    """Compare two times of one problem that were measured in the same rounds: ``seconds`` over ``others``.

    floor: the noise floor; None without an A/A measurement.
    """
    ratios = ratios_by_round(seconds, others)
    shortest = _shorter_median(seconds, others)
    return TimeComparison(median_interval(ratios), floor, shortest, len(ratios))


def compare_by_image(
    seconds: Sequence[Values], others: Sequence[Values], floor: float | None = None
) -> TimeComparison:
    """Compare two times of the same images: ``seconds`` over ``others``.

    seconds, others: for each of one or more images, the seconds of one or more rounds that both share.
    floor: the noise floor; None without an A/A measurement.
    """
    ratios = [ratios_by_round(*pair) for pair in zip(seconds, others, strict=True)]
    shortest = _shorter_median(np.concatenate([*seconds]), np.concatenate([*others]))
    interval, rounds = median_interval_of_groups(ratios), sum(map(len, ratios))
    return TimeComparison(interval, floor, shortest, rounds, images=len(ratios))


def compare_apart(seconds: Values, others: Values, floor: float | None = None) -> TimeComparison:
    """Compare the times of one problem in two runs, which share no rounds: ``seconds`` over ``others``.

    floor: the noise floor; None without an A/A measurement.
    """
    ratio, rounds = ratio_of_medians(seconds, others), min(len(seconds), len(others))
    return TimeComparison(ratio, floor, _shorter_median(seconds, others), rounds)


def _shorter_median(seconds: Values, others: Values) -> float:
    return float(min(np.median(seconds), np.median(others)))


def each_alone(ratios: Values) -> list[list[float]]:
    """One list for each ratio, such as that of a round: the form in which ``noise_floor`` takes ratios."""
    return [[float(each)] for each in ratios]


def timing_warnings(seconds: Values, cpu_seconds: Values, threads: int | None = 1) -> list[str]:
    """What makes the times of some rounds doubtful, in words; [] if there is nothing.

    threads: the number of threads; with more than one, the CPU time does not show a busy machine.
    """
    few = f"few rounds: {len(seconds)}, an interval needs {LEAST_ROUNDS}"
    disturbances = disturbance_warnings(seconds, cpu_seconds, threads)
    return [few, *disturbances] if len(seconds) < LEAST_ROUNDS else disturbances


def disturbance_warnings(
    seconds: Values, cpu_seconds: Values, threads: int | None = 1
) -> list[str]:
    """The ``timing_warnings`` that do not depend on the number of rounds: a wide spread, a busy machine."""
    found = []
    low, median, high = np.quantile(seconds, [0.25, 0.5, 0.75]).tolist()
    if high - low > WIDE_SPREAD * median:
        found.append(f"wide spread: the quartiles differ by {(high - low) / median:.0%}")
    cpu = float(np.median(cpu_seconds)) if len(cpu_seconds) else median
    if threads == 1 and median > (1 + BUSY_SHARE) * cpu:
        found.append(f"busy machine: {median / cpu - 1:.0%} more wall time than CPU time")
    return found
