"""A study of fields from end to end: merged side by side, checked, and the report written."""

from collections.abc import Sequence
from pathlib import Path

import click

from bench.report.figures.scaling import plot_scaling
from bench.report.machine import machine_words
from bench.report.run_summary import absent_third_party, faults
from bench.report.tables.formats import to_markdown
from bench.report.tables.speed import common_size
from bench.report.tables.speed_tables import speed_tables
from bench.report.tables.study import write_csv
from bench.runner import records
from bench.runner.records import Record
from bench.runner.speed import SpeedRunner
from bench.runner.study import SpeedStudy
from merge_impls.files import atomic_write

PLOT = "scaling.png"

TIMING = (
    "Every row has a process of its own, on one core (two threads: on two), and all take turns, round by "
    "round. The time of ours is all of `merge(problem)`: a checked problem in memory (uint16 affinities and "
    "mask) in; labels, sizes, confidences and history out. It is there only where every result of this run "
    "equals that of the row named beside it, to the bit. Third-party methods compute something else, which "
    "is said beside them; their time is that of the library's call alone, from the input that suits it best "
    "to its own output, which favours them; `ms with conversions` is the same from and to what ours take and "
    "give. `pairs alike` is the F-score of the pairs of pixels in one segment, theirs against the "
    "baseline's. "
    "Speed is the median over the rounds of ratios within a round. Peak memory is beyond what the process "
    "held before, a third-party method's conversions included; `in grids` in multiples of the uint16 "
    "affinities. Sorting is there for scale."
)

SCALING = (
    "One thread, on fields of several sizes, in the same rounds as above. The baseline merges sizes other "
    "than that of the tables above once, to say what is right. An exponent is that of the power law through "
    "the medians."
)


def study(settings: SpeedStudy, out: Path, limit: int | None) -> list[str]:
    """Run ``settings`` and write its report to ``out``; returns one line for each faulty cell."""
    found = SpeedRunner(settings, out, limit).run()
    tables = write_report(out / "report", settings.name, found)
    for name, table in tables.items():
        click.echo(f"\n{_heading(name, found)}\n\n{table}")
    for line in absent_third_party(found):
        click.echo(f"\nnot there: {line}")
    click.echo(f"\nThe report: {out / 'report' / 'report.md'}")
    return faults(found)


def write_report(folder: Path, name: str, found: Sequence[Record]) -> dict[str, str]:
    """Write records, tables and the plot to ``folder``; returns the tables as Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    records.write(folder / "records.jsonl", found)
    for old in (PLOT, *(path.name for path in folder.glob("*.csv"))):
        (folder / old).unlink(missing_ok=True)  # an earlier run's is not this one's
    frames = speed_tables(found)
    for table, frame in frames.items():
        write_csv(frame, folder / f"{table}.csv")
    if "scaling" in frames:
        plot_scaling(frames["scaling"], folder / PLOT)
    tables = {table: to_markdown(frame) for table, frame in frames.items()}
    with atomic_write(folder / "report.md") as partial:
        partial.write_text(_page(name, found, tables))
    return tables


def _page(name: str, found: Sequence[Record], tables: dict[str, str]) -> str:
    wrong = "\n".join(f"- {line}" for line in faults(found))
    absent = "\n".join(f"- {line}" for line in absent_third_party(found))
    parts = [
        f"# Study {name}",
        f"The seeded fields of `merge_impls.fields`, measured on: {machine_words(found)}.",
        *(["## What went wrong", wrong] if wrong else []),
        *(["## Not there", absent] if absent else []),
    ]
    for table, text in tables.items():
        parts += [f"## {_heading(table, found)}", text]
        if table == "scaling":
            parts += [SCALING, f"![time against edges]({PLOT})"]
    return "\n\n".join([*parts, "## What is measured", TIMING]) + "\n"


def _heading(table: str, found: Sequence[Record]) -> str:
    if table == "scaling":
        return "Time against edges"
    size = common_size(found)
    if table == "goals":
        return f"Goals, on {size}"
    return f"Side by side, {size}, {table.removeprefix('speed_')} noise"
