"""Estimate how long a training takes, from the time of its first steps."""

from collections.abc import Callable
from time import perf_counter

STEPS_BEFORE_ESTIMATE = 20
"""The number of steps of this process after which the estimate is made."""

WARM_UP_STEPS = 3
"""The first steps, which are not counted: they also allocate memory and start workers."""

LEAST_STEPS = WARM_UP_STEPS + 2
"""The smallest number of steps that tells how long a step takes."""


class StepTimer:
    """Times the steps of a training from its start or its continuation.

    steps: the number of all steps of the training. clock: the present time in seconds.
    """

    def __init__(self, steps: int, clock: Callable[[], float] = perf_counter) -> None:
        self.steps, self.clock = steps, clock
        self._ends: list[float] = []

    @property
    def timed_steps(self) -> int:
        """The number of steps whose mean is ``seconds_of_step``."""
        return min(len(self._ends), STEPS_BEFORE_ESTIMATE) - WARM_UP_STEPS

    @property
    def seconds_of_step(self) -> float:
        """The mean time of the steps after the first ones, of the first ``STEPS_BEFORE_ESTIMATE`` steps."""
        last, first = (
            self._ends[WARM_UP_STEPS - 1 + self.timed_steps],
            self._ends[WARM_UP_STEPS - 1],
        )
        return (last - first) / self.timed_steps

    def is_enough(self, seconds: float) -> bool:
        """Whether ``LEAST_STEPS`` are timed, and the steps after the first one took this long or longer."""
        ends = self._ends
        return len(ends) >= LEAST_STEPS and ends[-1] - ends[0] >= seconds

    def estimate_after_step(self, finished: int) -> str:
        """The estimate, once ``STEPS_BEFORE_ESTIMATE`` steps are timed; before and later "".

        finished: the number of finished steps of the training; this method is called after each step.
        """
        self._ends.append(self.clock())
        if len(self._ends) != STEPS_BEFORE_ESTIMATE:
            return ""
        of_a_step = self.seconds_of_step
        return (
            f"{of_a_step:.3g} s a step; {format_duration(of_a_step * (self.steps - finished))} for the other "
            f"{self.steps - finished:,} steps, if they all take as long"
        )


def format_duration(seconds: float) -> str:
    """A duration in seconds, minutes or hours, whichever is the largest that makes more than 2."""
    for length, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} seconds"
