"""The command ``merge-impls``."""

import argparse
from collections.abc import Sequence
from importlib.metadata import version

from merge_impls.registry import OWN_DISTRIBUTION, backends


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    return options.run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="merge-impls", description="Exact graph merge for instance segmentation."
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version(OWN_DISTRIBUTION)}"
    )
    commands = parser.add_subparsers(title="commands", required=True)
    listing = commands.add_parser("list", help="the backends, and what the missing ones need")
    listing.set_defaults(run=_list)
    return parser


def _list(options: argparse.Namespace) -> int:
    records = backends().values()
    rows = [("backend", "version", "available", "")]
    rows += [
        (
            r.name,
            r.version,
            "yes" if r.available else "no",
            r.description if r.available else r.reason,
        )
        for r in records
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[3]]).rstrip())
    return 0
