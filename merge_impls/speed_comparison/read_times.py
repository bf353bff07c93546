"""Reads the times in a file of ``merge-impls time --json`` or of pytest-benchmark, to compare two runs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from merge_impls.argument_checks import refuse_repeated_keys
from merge_impls.measurement_statistics import each_alone, noise_floor
from merge_impls.run_comparison import ONE_PROBLEM, Measurement, Run
from merge_impls.speed_comparison.check_and_time_backends import APPROXIMATE
from merge_impls.speed_comparison.comparison_json import FORMAT

FORMATS = ("merge-impls time 2", FORMAT)
"""The formats of ``merge-impls time --json`` that can be read."""


def read_times(path: Path) -> Run:
    """The measurements in a file, by cell. Raises ValueError, one line, for a file of another kind."""
    try:
        content = json.loads(
            path.read_text(encoding="utf-8"), object_pairs_hook=refuse_repeated_keys
        )
        if content.get("format") in FORMATS:
            return _measurements_of_rows(content["rows"])
        if "benchmarks" in content:
            return _measurements_of_benchmarks(content["benchmarks"])
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: cannot be read ({type(error).__name__}: {error})") from None
    raise ValueError(
        f"{path}: has no times; give a file of merge-impls time --json, or one of pytest-benchmark"
    )


def _measurements_of_rows(rows: Sequence[Mapping[str, Any]]) -> Run:
    return {
        f"{row['backend']}, {row['family']} {row['size']:,}, {row['linkage']}, {row['threads']} threads": (
            Measurement(
                {ONE_PROBLEM: row["run"]["seconds"]},
                noise_floor(each_alone(row.get("noise", ()))),
                is_approximate=row["state"] == APPROXIMATE,
            )
        )
        for row in rows
        if row["run"]
    }


def _measurements_of_benchmarks(benchmarks: Sequence[Mapping[str, Any]]) -> Run:
    """pytest-benchmark writes the times of all rounds with --benchmark-json and --benchmark-save-data."""
    if any("data" not in each["stats"] for each in benchmarks):
        raise ValueError("it has no times of rounds: save it with --benchmark-save-data")
    return {
        each["fullname"]: Measurement({ONE_PROBLEM: each["stats"]["data"]}) for each in benchmarks
    }
