"""Choose the settings of the graph merge on the tuning slice: for a model, or for a variant of a study."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.pipeline.config import PLAIN, PipelineConfig
from bench.pipeline.segment import Pipeline
from bench.runner.study import Variant
from bench.training.merge_settings_search import (
    MergeSettingsSearch,
    with_initial_settings,
)
from bench.training.tuning_slice import TuningSlice, open_tuning_slice
from merge_impls.file_writing import atomic_write, check_writable
from merge_impls.folder_lock import locked_folder
from merge_impls.text_formats import pluralized
from models.model_config import read_config, write_config


def tune_model(
    model: Path,
    dataset: str,
    root: Path,
    cache: Path,
    limit: int | None,
    objective: str = "ap",
    linkages: Sequence[str] = (),
    device: str = "cpu",
) -> None:
    """Choose the settings of the merge for a model, and write them to its ``model.toml``.

    model, root, cache: the folders of the model, the data set and the affinity cache.
    limit: the largest number of images to use. objective: the name of an objective in ``OBJECTIVES``.
    linkages: the linkages to choose settings for; if empty, those in ``model.toml``.
    device: where the networks run.
    All settings that were tried are written to ``tuning.json``, or to ``tuning-LINKAGES.json``.
    Raises ``FolderInUse`` if another process tunes the model.
    """
    check_writable(model, folder=True)
    read_config(model / "model.toml")  # a folder without a model is not locked, which would make it
    with locked_folder(model, click.echo):
        pipeline, tuning = _open_pipeline_and_tuning_slice(
            model, dataset, root, cache, limit, device
        )
        _tune_locked_model(model, pipeline, tuning, objective, linkages)


def _tune_locked_model(
    model: Path, pipeline: Pipeline, tuning: TuningSlice, objective: str, linkages: Sequence[str]
) -> None:
    """Do what ``tune_model`` describes. Nothing else may change the model meanwhile."""
    searches = {
        linkage: MergeSettingsSearch(pipeline, tuning, linkage, objective)
        for linkage in linkages or pipeline.model.merge
    }
    chosen = {linkage: search.choose_settings() for linkage, search in searches.items()}
    record = model / f"{'-'.join(['tuning', *linkages])}.json"
    _write_json(record, _tuning_record(objective, tuning, searches))
    merge = pipeline.model.merge | chosen
    write_config(replace(pipeline.model, merge=merge), model / "model.toml")


def tune_variant(
    variant: Variant,
    model: Path,
    dataset: str,
    root: Path,
    cache: Path,
    limit: int | None,
    record: Path,
    device: str = "cpu",
) -> None:
    """Choose the settings of the merge with the largest AP for a variant of a study, and print them in TOML.

    All settings that were tried are written to the file ``record``. The model is not changed.
    """
    config = with_initial_settings(
        variant.strategy, variant.linkage, read_config(model / "model.toml")
    )
    pipeline, tuning = _open_pipeline_and_tuning_slice(
        model, dataset, root, cache, limit, device, config
    )
    search = MergeSettingsSearch(pipeline, tuning, variant.linkage)
    chosen = search.choose_settings()
    about = {"row": variant.name, "strategy": variant.strategy.differences_from(PLAIN)}
    _write_json(record, about | _tuning_record("ap", tuning, {variant.linkage: search}))
    click.echo(f"thresholds = {list(chosen.thresholds)}\nmin_pixels = {chosen.min_object_pixels}")


def _open_pipeline_and_tuning_slice(
    model: Path,
    dataset: str,
    root: Path,
    cache: Path,
    limit: int | None,
    device: str,
    config: PipelineConfig = PLAIN,
) -> tuple[Pipeline, TuningSlice]:
    pipeline = Pipeline(model, AffinityCache(cache), config, device)
    data = open_dataset(dataset, root)
    pipeline.check_classes(data.class_names)
    tuning = open_tuning_slice(data, limit)
    semantic, affinity = pipeline.config.output_strides
    click.echo(
        f"tuning slice: {pluralized(len(tuning.names), 'image')} of {root} that training leaves out; output "
        f"strides {semantic} (classes) and {affinity} (affinities)"
    )
    tuning.fill_cache(pipeline)
    return pipeline, tuning


def _tuning_record(
    objective: str, tuning: TuningSlice, searches: dict[str, MergeSettingsSearch]
) -> dict[str, Any]:
    return {
        "images": tuning.names,
        "by": objective,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "tried": {linkage: search.tried_settings for linkage, search in searches.items()},
    }


def _write_json(path: Path, record: dict[str, Any]) -> None:
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n")
