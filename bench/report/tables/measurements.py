"""The table of all measurements of a study: a row for each cell and image, without any summary."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

import pandas as pd

from bench.runner.record import Cell, MeasuredProblem, Record

_TIMES = ("seconds", "cpu_seconds", "call_seconds", "conversion_seconds")
"""The entries of a ``MeasuredProblem`` that have a value for each round."""

_CELL = [entry.name for entry in fields(Cell)]
_OF_IMAGE = [entry.name for entry in fields(MeasuredProblem)]


def measurements_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each cell and image: the entries of ``Cell``, then those of ``MeasuredProblem``.

    The column ``image`` is the name of the image, or the size of the field. The seconds of the rounds are one
    text with spaces between the numbers.
    """
    rows = [
        (*cell.values(), *_image_entries(vars(image)))
        for record in records
        for cell in [asdict(record.cell)]
        for image in record.images
    ]
    names = ["image" if name == "name" else name for name in _OF_IMAGE]
    return pd.DataFrame(rows, columns=[*_CELL, *names])


def _image_entries(entries: Mapping[str, Any]) -> list[Any]:
    return [
        " ".join(map(repr, entries[name])) if name in _TIMES else entries[name]
        for name in _OF_IMAGE
    ]
