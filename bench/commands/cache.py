"""``python -m bench cache ls|verify|prune``: what is in the affinity cache, and what may go."""

from collections.abc import Iterator
from pathlib import Path

import click
import pandas as pd
from tqdm import tqdm

from bench.cache import AffinityCache, Entry
from bench.paths import TRAINED
from bench.pipeline.segment import Pipeline
from bench.report.tables.formats import to_markdown

MIB = 2**20
UNKNOWN = "another model, or older sources"


def ls(folder: Path) -> None:
    """Print entries and MiB by model; the models are those of models/trained."""
    cache = AffinityCache(folder)
    models = current_models(cache)
    rows = [
        {"model": model_of(entry, models), "MiB": entry.bytes / MIB} for entry in cache.entries()
    ]
    if not rows:
        click.echo(f"{folder}: the cache is empty")
        return
    by_model = (
        pd.DataFrame(rows).groupby("model")["MiB"].agg(["count", "sum", "mean"]).reset_index()
    )
    by_model.columns = ["model", "images", "MiB", "MiB an image"]
    click.echo(to_markdown(by_model))
    for pipeline in models.values():
        one = pipeline.cached_bytes((1024, 2048)) / MIB
        click.echo(f"{pipeline.config.name}: a frame of 2048x1024 takes {one:.2f} MiB")


def verify(folder: Path) -> list[str]:
    """Read every entry, one at a time; returns a line for each that is damaged."""
    cache = AffinityCache(folder)
    faults = []
    for entry in tqdm(list(cache.entries()), desc="verifying", unit="entry"):
        reason = cache.damage(entry)
        if reason:
            faults.append(f"{entry.path}: {reason}; `bench cache prune` deletes it")
    click.echo(f"{folder}: {len(faults)} entries are damaged")
    return faults


def prune(folder: Path, dry: bool) -> None:
    """Delete what nobody reads any more: entries of no present model, damaged ones, unfinished files."""
    cache = AffinityCache(folder)
    doomed = [*_useless(cache), *((path, path.stat().st_size) for path in cache.leftovers())]
    for path, _ in doomed:
        if not dry:
            path.unlink(missing_ok=True)
    size = sum(bytes for _, bytes in doomed) / MIB
    click.echo(f"{folder}: {len(doomed)} files, {size:.1f} MiB {'would go' if dry else 'deleted'}")


def _useless(cache: AffinityCache) -> Iterator[tuple[Path, int]]:
    models = current_models(cache)
    for entry in cache.entries():
        if model_of(entry, models) == UNKNOWN or cache.damage(entry):
            yield entry.path, entry.bytes


def current_models(cache: AffinityCache) -> dict[str, Pipeline]:
    """The models of models/trained, as they would be run now."""
    folders = sorted(path.parent for path in TRAINED.glob("*/model.toml"))
    return {folder.name: Pipeline(folder, cache) for folder in folders}


def model_of(entry: Entry, models: dict[str, Pipeline]) -> str:
    """The model that would read this entry."""
    for name, pipeline in models.items():
        if entry.key is not None and pipeline.networks.model_key.items() <= entry.key.items():
            return name
    return UNKNOWN
