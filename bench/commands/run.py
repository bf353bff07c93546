"""One study from end to end: data made where it can be, everything run, the report written."""

from pathlib import Path

import click

from bench import paths
from bench.cache import AffinityCache
from bench.commands.scenes import make_split
from bench.datasets import open_dataset
from bench.pipeline.segment import Pipeline
from bench.report.pages.study import write_report
from bench.report.run_summary import faults
from bench.runner.runner import Runner
from bench.runner.study import Study


def study(
    settings: Study, root: Path | None, model: str | None, cache: Path, out: Path, limit: int | None
) -> list[str]:
    """Run ``settings`` and write its report to ``out``; returns one line for each faulty cell."""
    # The model first: what it lacks should not wait for data to be made.
    pipeline = Pipeline(paths.model_folder(model or settings.model), AffinityCache(cache))
    place = root or paths.data_folder(settings.dataset)
    if settings.dataset == "scenes" and root is None:
        make_split(place, settings.split)
    dataset = open_dataset(settings.dataset, place)
    pipeline.check_classes(dataset.class_names)
    found = Runner(settings, dataset, pipeline, out, limit).run()
    table = write_report(out / "report", settings, found, pipeline, dataset)
    click.echo(f"\n{table}\n\nThe report: {out / 'report' / 'report.md'}")
    return faults(found.records)
