"""The report of a study of fields: records, tables and figure, and the page that shows them."""

from collections.abc import Sequence
from pathlib import Path

from bench.report.figures.time_against_edges import plot_time_against_edges
from bench.report.pages.page import Page
from bench.report.run_summary import absent_third_party, describe_machine, failed_cells
from bench.report.tables.formats import to_markdown, write_csv
from bench.report.tables.speed_by_method import common_size
from bench.report.tables.speed_study import speed_tables
from bench.runner import records
from bench.runner.record import Record

SCALING_FIGURE = "scaling.png"

TIMING_NOTE = (
    "Every row has a process of its own, on one core (two threads: on two), and all take turns, round by "
    "round. The time of ours is all of `merge(problem)`: a checked problem in memory (uint16 affinities and "
    "mask) in; labels, sizes, confidences and history out. It is there only where every result of this run "
    "equals that of the row named beside it, to the bit. Third-party methods compute something else, which "
    "is said beside them; their time is that of the library's call alone, from the input that suits it best "
    "to its own output, which favours them; `ms with conversions` is the same from and to what ours take and "
    "give. `pair F-score` is the F-score of the pairs of pixels in one segment, theirs against the "
    "baseline's. "
    "Speed is the median over the rounds of ratios within a round. Peak memory is beyond what the process "
    "held before, a third-party method's conversions included; `peak / input size` in multiples of the "
    "uint16 affinities. Sorting is there for scale."
)

SCALING_NOTE = (
    "One thread, on fields of several sizes, in the same rounds as above. The baseline merges sizes other "
    "than that of the tables above once, to say what is right. An exponent is that of the power law through "
    "the medians."
)


def write_report(folder: Path, name: str, found: Sequence[Record]) -> dict[str, str]:
    """Write records, tables, figure and page to ``folder``; returns the tables as Markdown, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    records.write(folder / "records.jsonl", found)
    for old in (folder / SCALING_FIGURE, *folder.glob("*.csv")):
        old.unlink(missing_ok=True)  # an earlier run's is not this one's
    frames = speed_tables(found)
    for table, frame in frames.items():
        write_csv(frame, folder / f"{table}.csv")
    if "scaling" in frames:
        plot_time_against_edges(frames["scaling"], folder / SCALING_FIGURE)
    tables = {table: to_markdown(frame) for table, frame in frames.items()}
    _write_page(folder, name, found, tables)
    return tables


def _write_page(folder: Path, name: str, found: Sequence[Record], tables: dict[str, str]) -> None:
    page = Page(f"Study {name}")
    page.add(f"The seeded fields of `merge_impls.fields`, measured on: {describe_machine(found)}.")
    page.list_section("What went wrong", failed_cells(found))
    page.list_section("Not there", absent_third_party(found))
    for table, text in tables.items():
        page.section(table_heading(table, found), text)
        if table == "scaling":
            page.add(SCALING_NOTE)
            page.figure(folder / SCALING_FIGURE, "time against edges")
    page.section("What is measured", TIMING_NOTE)
    page.write(folder / "report.md")


def table_heading(table: str, found: Sequence[Record]) -> str:
    """The words above a table, by its name."""
    if table == "scaling":
        return "Time against edges"
    size = common_size(found)
    if table == "goals":
        return f"Goals, on {size}"
    return f"Side by side, {size}, {table.removeprefix('speed_')} noise"
