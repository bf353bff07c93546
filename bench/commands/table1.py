"""``python -m bench table1``: the published rows of Table 1, and those of the evaluation server."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--server",
    "server_files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE.toml",
    help="Add the rows of a file with figures of the evaluation server; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the table to this CSV file.",
)
def table1(server_files: tuple[Path, ...], out: Path | None) -> None:
    """Print Table 1 of the paper: AP on the test split of Cityscapes.

    The annotation of this split is not public. So the rows are those that the paper published, and those that
    you copy from the evaluation server to a file. Rows of other splits and data sets are refused.
    """
    from bench.report.tables.formats import to_markdown
    from bench.report.tables.published_table1 import table1 as make_table
    from bench.report.tables.table_files import write_csv

    table = make_table(server_files)
    click.echo(to_markdown(table))
    if out is not None:
        write_csv(table, out)
        click.echo(f"\nThe table: {out}")
