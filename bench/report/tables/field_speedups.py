"""The speedup of a method over the baseline on a field, its interval, and the verdict on it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bench.report.tables.field_measurements import (
    Turns,
    find_measurement_at_size,
    round_seconds_to_compare,
    shared_turns,
)
from bench.report.tables.verdict_columns import NO_COMPARISON, verdict_columns
from bench.runner.record import Record
from merge_impls.measurement_statistics import compare_by_round, each_alone, noise_floor


def noise_by_turns(records: Iterable[Record], size: str) -> dict[Turns, Sequence[float]]:
    """The ratios of the A/A measurement on the field of a size, by ``shared_turns``; none without one."""
    measured = ((record, find_measurement_at_size(record, size)) for record in records)
    return {
        shared_turns(record): image.noise_ratios
        for record, image in measured
        if image and image.noise_ratios
    }


def field_speedup_columns(
    record: Record,
    size: str,
    baselines: Mapping[Turns, Record],
    noises: Mapping[Turns, Sequence[float]],
) -> dict[str, Any]:
    """The columns that compare the times of a record with those of the baseline, round by round.

    - ``speedup``: the median over the rounds of ``baseline time / own time``. ``speedup_over``: the baseline.
    - ``speedup_low``, ``speedup_high``, ``noise_floor``, ``verdict``: see ``verdict_columns``; nan and "" for
      the baseline itself.

    size: of the field. baselines: as from ``baselines_of_fields``. noises: as from ``noise_by_turns``.
    """
    baseline = baselines.get(shared_turns(record))
    if baseline is None:
        return NO_COMPARISON
    over, own = _seconds_at_size(baseline, size), _seconds_at_size(record, size)
    if not over or not own:
        return NO_COMPARISON
    floor = noise_floor(each_alone(noises.get(shared_turns(record), [])))
    columns = verdict_columns(compare_by_round(over, own, floor), record is baseline)
    return {**NO_COMPARISON, **columns, "speedup_over": baseline.cell.backend}


def _seconds_at_size(record: Record, size: str) -> list[float]:
    image = find_measurement_at_size(record, size)
    return round_seconds_to_compare(record, image) if image else []
