"""The affinity cache."""

from pathlib import Path

import click

from bench.cli.common import cache_option, main, one_line_errors, tell


@main.group()
def cache() -> None:
    """Look after the affinity cache: what the networks answered, one file an image."""


@cache.command()
@cache_option
@one_line_errors
def ls(cache: Path) -> None:
    """Print how many images of which model are cached, and how large they are."""
    from bench.commands.cache import ls as run

    run(cache)


@cache.command()
@cache_option
@one_line_errors
def verify(cache: Path) -> None:
    """Read every entry and compare checksums; exit code 3 if one is damaged."""
    from bench.commands.cache import verify as run

    tell(run(cache))


@cache.command()
@cache_option
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@one_line_errors
def prune(cache: Path, dry_run: bool) -> None:
    """Delete what no model of models/trained would read, damaged entries and unfinished files."""
    from bench.commands.cache import prune as run

    run(cache, dry_run)
