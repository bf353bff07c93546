"""Read measurements and times from the records of a study of synthetic fields."""

from collections.abc import Iterable, Sequence
from statistics import median
from typing import TypeAlias

import numpy as np

from bench.runner.record import MeasuredProblem, Record
from bench.runner.study import Study
from merge_impls.fields import NOISE
from merge_impls.measurement_statistics import ratios_by_round, timing_warnings
from merge_impls.text_formats import format_shape

AGREEMENT_COLUMNS = ("agreement", "adjusted_rand", "split_bits", "merge_bits")


def largest_common_size(records: Iterable[Record]) -> str:
    """The largest size of a field that all methods with results have merged; "" if there is no such size."""
    names = [[image.name for image in record.images] for record in records if record.images]
    shared = [name for name in (names or [[]])[0] if all(name in others for others in names)]
    return shared[-1] if shared else ""


def find_measurement_at_size(record: Record, size: str) -> MeasuredProblem | None:
    """The measurement of a record on the field of this size; None if the field was not merged."""
    return next((image for image in record.images if image.name == size), None)


def round_seconds_to_compare(record: Record, image: MeasuredProblem) -> list[float]:
    """The seconds of each round, as they are compared with other methods; [] for a wrong result.

    For an exact method: the seconds of the whole merge. For an approximate one: those of its function alone.
    """
    if record.state != "done" or not (record.computes or image.identical):
        return []
    return image.call_seconds if record.computes else image.seconds


def warnings_on_rounds(record: Record, image: MeasuredProblem) -> str:
    """What makes the times of a record on a field doubtful, in words; "" if there is nothing."""
    seconds = round_seconds_to_compare(record, image)
    cpu_seconds = seconds if record.computes else image.cpu_seconds
    return "; ".join(timing_warnings(seconds, cpu_seconds, record.cell.threads))


def median_ratio(seconds: list[float], others: list[float]) -> float:
    """The median of ``seconds[i] / others[i]`` over the rounds i in both lists; nan if either is empty."""
    ratios = ratios_by_round(seconds, others)
    return median(ratios) if ratios else np.nan


def agreement_columns(images: Sequence[MeasuredProblem]) -> dict[str, float]:
    """The columns of agreement with the exact result, means over the images; nan where it is not known.

    ``agreement`` is the F-score; see ``LabelAgreement`` for ``adjusted_rand``, ``split_bits`` and
    ``merge_bits``.
    """
    columns = {}
    for name in AGREEMENT_COLUMNS:
        known = [value for image in images if (value := getattr(image, name)) is not None]
        columns[name] = float(np.mean(known)) if known else np.nan
    return columns


def quartiles_ms(seconds: Sequence[float]) -> list[float]:
    """The three quartiles in milliseconds; three times nan if there are no ``seconds``."""
    if len(seconds) == 0:
        return [np.nan] * 3
    quartiles: list[float] = (1000 * np.quantile(seconds, [0.25, 0.5, 0.75])).tolist()
    return quartiles


Turns: TypeAlias = tuple[str, str | None, str | None]
"""The noise or the family, the linkage, and the entry ``conditions`` of records."""


def shared_turns(record: Record) -> Turns:
    """What the records of two methods have in common if the methods took turns on the same problems."""
    return record.cell.split, record.cell.linkage, record.conditions


def fields_and_images(records: Sequence[Record]) -> tuple[list[Record], list[Record]]:
    """The records of fields, and those of images."""
    return (
        [record for record in records if record.is_of_fields],
        [record for record in records if not record.is_of_fields],
    )


def reason_against_goals(records: Iterable[Record], declared: Study) -> str:
    """Why records do not show whether the goals of a study are reached; "" if they do.

    declared: the study as its file says. Goals hold for its noises and its size alone, not for those of a
    study that was changed on the command line.
    """
    if not declared.goals:
        return ""
    streets = [each for each in records if each.cell.split in NOISE and each.images]
    noises = list(dict.fromkeys(each.cell.split for each in streets))
    wanted, size = declared.fields.noises, format_shape(declared.fields.size)
    changes = []
    if {*noises} != {*wanted}:
        changes.append(f"noise {' and '.join(noises) or 'none'} instead of {' and '.join(wanted)}")
    if any(find_measurement_at_size(each, size) is None for each in streets):
        changes.append(f"size {largest_common_size(streets)} instead of {size}")
    words = f"goals are not judged: the study was changed ({', '.join(changes)})"
    return words if changes else ""
