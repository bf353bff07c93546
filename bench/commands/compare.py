"""``python -m bench compare A B``: compare the times and AP of two runs of a study."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.options import command_line

if TYPE_CHECKING:
    from bench.runner.record import Record

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("before", type=FOLDER, metavar="A")
@click.argument("after", type=FOLDER, metavar="B")
@click.option(
    "--fail-if",
    "limits",
    default="",
    metavar="LIMITS",
    help="End with exit code 5 if a cell changes by as much, such as slower:5%,ap:-0.005.",
)
@click.option(
    "--backends",
    metavar="FIRST,SECOND",
    help="Compare FIRST in A with SECOND in B alone, such as the versions mine@3fa2b1c,mine@9e01d22 of A A.",
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also write the comparison as one HTML file for a browser.",
)
def compare(before: Path, after: Path, limits: str, backends: str | None, html: Path | None) -> int:
    """Compare two runs of a study: their records, in the folder of the run or of its report.

    A and B may be one folder, to compare two versions of a backend, or two backends, of one run. Copies of
    the records of another machine in A are not read; to compare two machines, give A and A/machines/NAME.

    Times are compared image by image, with a bootstrap interval over the images (over the rounds for fields);
    within one run also round by round, as the tables of the run do.
    """
    from bench.runner.recorded_times import recorded_measurements
    from merge_impls.commands.exit_codes import CONFORMS, LIMIT_EXCEEDED
    from merge_impls.run_comparison import Limits, comparison_report

    found = _read_pair(before, after, backends)
    one_run = before.resolve() == after.resolve()
    runs = recorded_measurements(found[0], one_run), recorded_measurements(found[1], one_run)
    report, exceeded = comparison_report(*runs, Limits.parse(limits))
    click.echo(report)
    if html is not None:
        _write_html(html, *found, limits, one_run)
    return LIMIT_EXCEEDED if exceeded else CONFORMS


def _read_pair(
    before: Path, after: Path, backends: str | None
) -> tuple[list["Record"], list["Record"]]:
    """The records of two folders; with ``--backends`` those of one backend in each, under a common name.

    Raises ValueError unless ``backends`` is two names with a comma between them, or None.
    """
    from bench.runner.recorded_times import select_backend
    from bench.runner.records_of_runs import read_runs

    found = read_runs([before], copies=False), read_runs([after], copies=False)
    if backends is None:
        return found
    names = backends.split(",")
    if len(names) != 2 or not all(names):
        raise ValueError(
            f"--backends {backends!r}: give two names, such as mine@3fa2b1c,mine@9e01d22"
        )
    first, second = names
    common = f"{second} against {first}"
    return (
        select_backend(found[0], first, common, str(before)),
        select_backend(found[1], second, common, str(after)),
    )


def _write_html(
    path: Path,
    before: Sequence["Record"],
    after: Sequence["Record"],
    limits: str,
    one_run: bool,
) -> None:
    """Write the comparison of two runs as an HTML page, and print the name of the file."""
    from bench.report.pages.comparison_part import comparison_part
    from bench.report.pages.html_page import write_html_page
    from merge_impls.run_comparison import Limits

    command = command_line(click.get_current_context())
    part = comparison_part(before, after, Limits.parse(limits), command, one_run)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_html_page(path, part.page.title, [part])
    click.echo(f"The page: {path}")
