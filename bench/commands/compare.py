"""``python -m bench compare A B``: compare the times and AP of two runs of a study."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from merge_impls.run_comparison import Run

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
def compare(before: Path, after: Path, limits: str, backends: str | None) -> int:
    """Compare two runs of a study: their records, in the folder of the run or of its report.

    A and B may be one folder, to compare two versions of a backend, or two backends, of one run.

    Times are compared image by image, with a bootstrap interval over the images (over the rounds for fields).
    """
    from merge_impls.commands.exit_codes import CONFORMS, LIMIT_EXCEEDED
    from merge_impls.run_comparison import Limits, comparison_report

    first, second = _pair_of_backends(backends)
    report, exceeded = comparison_report(
        _recorded_run(before, first), _recorded_run(after, second), Limits.parse(limits)
    )
    click.echo(report)
    return LIMIT_EXCEEDED if exceeded else CONFORMS


def _pair_of_backends(text: str | None) -> tuple[str | None, str | None]:
    """The two names of ``--backends``; None twice without it. Raises ValueError for any other text."""
    if text is None:
        return None, None
    first, comma, second = text.partition(",")
    if not (first and comma and second) or "," in second:
        raise ValueError(f"--backends {text!r}: give two names, such as mine@3fa2b1c,mine@9e01d22")
    return first, second


def _recorded_run(folder: Path, backend: str | None) -> "Run":
    """The measurements of the records in a folder; of one backend alone if it is not None."""
    from bench.runner.recorded_times import recorded_measurements, select_backend
    from bench.runner.records_of_runs import read_runs

    found = read_runs([folder])
    if backend is not None:
        found = select_backend(found, backend, str(folder))
    return recorded_measurements(found)
