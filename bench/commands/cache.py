"""``python -m bench cache ls|verify|prune``: list, check and clean the affinity cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.options import cache_option, exit_if_failures
from bench.paths import TRAINED

if TYPE_CHECKING:
    from bench.cache import AffinityCache, CacheEntry
    from bench.pipeline.segment import Pipeline

MIB = 2**20
UNKNOWN_MODEL = "another model, or older sources"
CITYSCAPES_SIZE = (1024, 2048)
"""Height and width of Cityscapes' images."""


@click.group()
def cache() -> None:
    """List, check and clean the affinity cache.

    An entry holds the output of the networks for one view: a whole image or one region, at one output stride,
    mirrored or not. Each entry is a file.
    """


@cache.command()
@cache_option
def ls(cache: Path) -> None:
    """Print the number and the size of the entries of each model."""
    import pandas as pd

    from bench.cache import AffinityCache
    from bench.report.tables.formats import to_markdown

    kept = AffinityCache(cache)
    models = pipelines_of_models(kept)
    rows = [
        {"model": find_model(entry, models), "MiB": entry.bytes / MIB} for entry in kept.entries()
    ]
    if not rows:
        click.echo(f"{cache}: the cache is empty")
        return
    sizes = pd.DataFrame(rows).groupby("model")["MiB"].agg(["count", "sum", "mean"]).reset_index()
    sizes.columns = ["model", "entries", "MiB", "MiB per entry"]
    click.echo(to_markdown(sizes))
    _print_frame_sizes(models)


def _print_frame_sizes(models: dict[str, "Pipeline"]) -> None:
    """Print for each model the size of the entry of a whole Cityscapes image."""
    for pipeline in models.values():
        size = pipeline.cached_bytes(CITYSCAPES_SIZE) / MIB
        click.echo(
            f"{pipeline.model.name}: an entry of a whole image of 2048x1024 takes {size:.2f} MiB"
        )


@cache.command()
@cache_option
def verify(cache: Path) -> None:
    """Read every entry and compare its checksum. Exit code 3: an entry is damaged."""
    from tqdm import tqdm

    from bench.cache import AffinityCache

    kept = AffinityCache(cache)
    damaged = []
    for entry in tqdm(list(kept.entries()), desc="verifying", unit="entry"):
        reason = kept.find_damage(entry)
        if reason:
            damaged.append(f"{entry.path}: {reason}; `bench cache prune` deletes it")
    click.echo(f"{cache}: {len(damaged)} entries are damaged")
    exit_if_failures(damaged)


@cache.command()
@cache_option
@click.option("--dry-run", is_flag=True, help="Print what would be deleted, and delete nothing.")
def prune(cache: Path, dry_run: bool) -> None:
    """Delete damaged entries, unfinished files, and entries that no model in models/trained reads."""
    from bench.cache import AffinityCache

    kept = AffinityCache(cache)
    useless = [
        *_entries_to_delete(kept),
        *((path, path.stat().st_size) for path in kept.unfinished_files()),
    ]
    for path, _ in useless:
        if not dry_run:
            path.unlink(missing_ok=True)
    size = sum(size for _, size in useless) / MIB
    done = "would be deleted" if dry_run else "deleted"
    click.echo(f"{cache}: {len(useless)} files, {size:.1f} MiB {done}")


def _entries_to_delete(cache: "AffinityCache") -> Iterator[tuple[Path, int]]:
    """Path and size in bytes of each entry that no model reads or that is damaged."""
    models = pipelines_of_models(cache)
    for entry in cache.entries():
        if find_model(entry, models) == UNKNOWN_MODEL or cache.find_damage(entry):
            yield entry.path, entry.bytes


def pipelines_of_models(cache: "AffinityCache") -> dict[str, "Pipeline"]:
    """A pipeline for each model in models/trained, by the model's name."""
    from bench.pipeline.segment import Pipeline

    folders = sorted(path.parent for path in TRAINED.glob("*/model.toml"))
    return {folder.name: Pipeline(folder, cache) for folder in folders}


def find_model(entry: "CacheEntry", models: dict[str, "Pipeline"]) -> str:
    """The name of the model that reads this entry; ``UNKNOWN_MODEL`` if none does."""
    for name, pipeline in models.items():
        if entry.key is not None and pipeline.networks.model_key.items() <= entry.key.items():
            return name
    return UNKNOWN_MODEL
