"""``python -m bench cache ls|verify|prune``: list, check and clean the affinity cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.options import cache_option, exit_if_failures
from bench.paths import TRAINED_MODELS

if TYPE_CHECKING:
    from bench.cache import AffinityCache, CacheEntry
    from bench.pipeline.segment import Pipeline

MIB = 2**20
UNKNOWN_MODEL = "another model, or older sources"
"""The text in place of a model's name, for entries that no model in models/trained reads."""

CITYSCAPES_SIZE = (1024, 2048)
"""The height and width of the images of Cityscapes."""


@click.group()
def cache() -> None:
    """List, check and clean the affinity cache.

    An entry is a file. It holds the output of the networks for one image, or for one region of an image.
    """


@cache.command()
@cache_option
def ls(cache: Path) -> None:
    """Print the number and the size of the entries of each model."""
    import pandas as pd

    from bench.cache import AffinityCache
    from bench.report.tables.formats import to_markdown

    affinity_cache = AffinityCache(cache)
    models = pipeline_of_each_model(affinity_cache)
    rows = [
        {"model": name_of_reading_model(entry, models), "MiB": entry.bytes / MIB}
        for entry in affinity_cache.entries()
    ]
    if not rows:
        click.echo(f"{cache}: the cache is empty")
        return
    sizes = pd.DataFrame(rows).groupby("model")["MiB"].agg(["count", "sum", "mean"]).reset_index()
    sizes.columns = ["model", "entries", "MiB", "MiB per entry"]
    click.echo(to_markdown(sizes))
    _print_estimated_sizes_of_cityscapes_entries(models)


def _print_estimated_sizes_of_cityscapes_entries(models: dict[str, "Pipeline"]) -> None:
    """Print for each model an estimate of the size of the entry of a whole image of Cityscapes."""
    for pipeline in models.values():
        size = pipeline.estimate_cache_entry_bytes(CITYSCAPES_SIZE) / MIB
        click.echo(
            f"{pipeline.model.name}: the entry of an image of 1024x2048 pixels (height x width) takes about "
            f"{size:.2f} MiB"
        )


@cache.command()
@cache_option
def verify(cache: Path) -> None:
    """Check every entry against its checksum.

    Exit code 1: an entry is damaged.
    """
    from tqdm import tqdm

    from bench.cache import FOLDER_IN_PLACE_OF_ENTRY, AffinityCache
    from merge_impls.commands.exit_codes import DISAGREES

    affinity_cache = AffinityCache(cache)
    damaged = []
    for entry in tqdm(list(affinity_cache.entries()), desc="verifying", unit="entry"):
        reason = affinity_cache.describe_damage(entry)
        if reason:
            prunable = reason != FOLDER_IN_PLACE_OF_ENTRY
            advice = "; `bench cache prune` deletes it" if prunable else ""
            damaged.append(f"{entry.path}: {reason}{advice}")
    click.echo(f"{cache}: {len(damaged)} entries are damaged")
    exit_if_failures(damaged, DISAGREES)


@cache.command()
@cache_option
@click.option("--dry-run", is_flag=True, help="Print what would be deleted, and delete nothing.")
def prune(cache: Path, dry_run: bool) -> None:
    """Delete damaged entries, unfinished files, and entries that no model in models/trained reads.

    Exit code 2: a folder is in place of an entry. Folders are named and not deleted.
    """
    from bench.cache import FOLDER_IN_PLACE_OF_ENTRY, AffinityCache
    from merge_impls.commands.exit_codes import USAGE

    affinity_cache = AffinityCache(cache)
    found = [
        *_paths_and_bytes_of_entries_to_delete(affinity_cache),
        *((path, path.stat().st_size) for path in affinity_cache.unfinished_files()),
    ]
    folders = [path for path, _ in found if path.is_dir()]
    files_to_delete = [(path, size) for path, size in found if path not in folders]
    for path, _ in files_to_delete:
        if not dry_run:
            path.unlink(missing_ok=True)
    size = sum(size for _, size in files_to_delete) / MIB
    verb = "would be deleted" if dry_run else "were deleted"
    click.echo(f"{cache}: {len(files_to_delete)} files ({size:.1f} MiB) {verb}")
    exit_if_failures([f"{path}: {FOLDER_IN_PLACE_OF_ENTRY}" for path in folders], USAGE)


def _paths_and_bytes_of_entries_to_delete(cache: "AffinityCache") -> Iterator[tuple[Path, int]]:
    """Yield the path and the size in bytes of each entry that is damaged or that no model reads."""
    models = pipeline_of_each_model(cache)
    for entry in cache.entries():
        if name_of_reading_model(entry, models) == UNKNOWN_MODEL or cache.describe_damage(entry):
            yield entry.path, entry.bytes


def pipeline_of_each_model(cache: "AffinityCache") -> dict[str, "Pipeline"]:
    """A pipeline for each model in models/trained, by the name of the model."""
    from bench.pipeline.segment import Pipeline

    folders = sorted(path.parent for path in TRAINED_MODELS.glob("*/model.toml"))
    return {folder.name: Pipeline(folder, cache) for folder in folders}


def name_of_reading_model(entry: "CacheEntry", models: dict[str, "Pipeline"]) -> str:
    """The name of the model that reads an entry, or ``UNKNOWN_MODEL`` if no model reads it.

    models: a pipeline for each model, by the name of the model.
    """
    for name, pipeline in models.items():
        if entry.key is not None and pipeline.networks.model_key.items() <= entry.key.items():
            return name
    return UNKNOWN_MODEL
