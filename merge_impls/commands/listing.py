"""``merge-impls list``: list the backends, what they support, and how to make missing ones available."""

import argparse

from merge_impls.backend import DIMENSION_NAMES
from merge_impls.commands.arguments import Subparsers
from merge_impls.commands.exit_codes import CONFORMS
from merge_impls.registry import BackendRecord, backends
from merge_impls.text_formats import format_table


def add_command(commands: Subparsers) -> None:
    """Declare the command and its options."""
    commands.add_parser(
        "list", help="list the backends, what they support, and how to make missing ones available"
    ).set_defaults(run=run_command)


def run_command(options: argparse.Namespace) -> int:
    """Print a table with one row for each backend, without importing merge functions."""
    heading = ("backend", "version", "available", "linkages", "dimensions", "threads", "")
    print(format_table([heading, *map(_backend_row, backends().values())]))
    return CONFORMS


def _backend_row(record: BackendRecord) -> tuple[str, ...]:
    dimensions = DIMENSION_NAMES | ({1: "edges with counts"} if record.counts else {})
    return (
        record.name,
        record.version,
        "yes" if record.available else "no",
        ", ".join(_linkage_text(record, linkage) for linkage in record.linkages) or "?",
        ", ".join(dimensions[number] for number in record.dimensions) or "?",
        {None: "any", 0: "?"}.get(record.threads, str(record.threads)),
        record.description if record.available else record.reason,
    )


def _linkage_text(record: BackendRecord, linkage: str) -> str:
    return f"{linkage} (approximate)" if linkage in record.approximate else linkage
