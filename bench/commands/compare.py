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
def compare(before: Path, after: Path, limits: str) -> int:
    """Compare two runs of a study: their records, in the folder of the run or of its report.

    Times are compared image by image, with a bootstrap interval over the images (over the rounds for fields).
    """
    from merge_impls.commands.exit_codes import CONFORMS, LIMIT_EXCEEDED
    from merge_impls.run_comparison import Limits, comparison_report

    report, exceeded = comparison_report(
        _recorded_run(before), _recorded_run(after), Limits.parse(limits)
    )
    click.echo(report)
    return LIMIT_EXCEEDED if exceeded else CONFORMS


def _recorded_run(folder: Path) -> "Run":
    """The measurements of the records in a folder."""
    from bench.runner import records
    from bench.runner.recorded_times import recorded_measurements

    return recorded_measurements(records.read_some(folder))
