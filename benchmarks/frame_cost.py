"""Measures the core seconds of the untimed work of a study on one frame, and writes them to a CSV.

    python -m benchmarks.frame_cost [--size 256 512] [--frames 8] [--out benchmarks/frame_cost.csv]

The frames are generated streets, the study is table2 with the committed model. A study starts its processes
once, so the frames share the start: with a single frame it would be more than half of the cost. Core seconds
are the time that all cores together spend on the work, so that any number of cores can share it.
"""

import resource
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import pandas as pd

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import Dataset, open_dataset
from bench.datasets.scenes import generate
from bench.pipeline.segment import Pipeline
from bench.runner.matching_work import Found, MatchingWork
from bench.runner.merge_work import MergeWork
from bench.runner.method_code import MethodCode
from bench.runner.network_work import NetworkWork
from bench.runner.study import Study
from bench.runner.study_file import read_study
from merge_impls.machine import describe_machine
from merge_impls.text_formats import format_shape

COST_FILE = Path(__file__).with_suffix(".csv")
"""The committed measurement."""

FRAMES, PIXELS_OF_CITYSCAPES = 5000, 1024 * 2048
SECONDS_OF_HOUR = 3600
CORES = (1, 16, 64)
"""The numbers of cores for which hours are reckoned."""


@click.command()
@click.option("--size", nargs=2, type=int, default=(256, 512), help="Height and width of a frame.")
@click.option("--frames", default=8, help="Frames to measure; the cost is their mean.")
@click.option("--out", type=click.Path(path_type=Path), default=COST_FILE, help="File to write.")
def main(size: tuple[int, int], frames: int, out: Path) -> None:
    """Measure the core seconds of the untimed work of table2 on a frame."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch, "data"), {"val": frames}, size)
        rows = measure_cost(open_dataset("scenes", Path(scratch, "data")), Path(scratch, "cache"))
    machine = describe_machine()
    measured = rows.assign(frame=format_shape(size), frames=frames, processor=machine["processor"])
    measured.to_csv(out, index=False)
    click.echo(cost_table(measured).to_string(index=False))


def measure_cost(dataset: Dataset, cache: Path) -> pd.DataFrame:
    """The columns ``work`` and ``core_seconds``: the mean of all frames, with all rows of table2."""
    study = replace(read_study("table2"), rounds=0)
    pipeline = Pipeline(paths.model_folder(study.images.model), AffinityCache(cache))
    pipeline, names = pipeline.with_config(study.strategy), dataset.names("val")
    networks = NetworkWork(dataset, pipeline, "val")
    seconds = {
        "networks": _core_seconds(
            lambda: [networks.run_task((name, tuple(study.all_variants))) for name in names]
        )
    }
    found: list[Found] = []
    seconds["merges"] = _core_seconds(
        lambda: found.extend(_merge_all(study, dataset, pipeline, names))
    )
    matching = MatchingWork(dataset, "val", with_official=True)
    seconds["scoring"] = _core_seconds(lambda: [matching.run_task(each) for each in found])
    rows = [{"work": work, "core_seconds": of / len(names)} for work, of in seconds.items()]
    return pd.DataFrame(rows)


def _merge_all(study: Study, dataset: Dataset, pipeline: Pipeline, names: list[str]) -> list[Found]:
    """The instances of each row of the study, by the name of the frame."""
    with MergeWork(study, dataset, pipeline, MethodCode([])) as work:
        return [
            {name: work.run_task((name, variant)).result.instances for name in names}
            for variant in study.all_variants
        ]


def _core_seconds(work: Callable[[], object]) -> float:
    """The seconds that this process and the child processes that have ended spent on the work."""
    before = _spent()
    work()
    return _spent() - before


def _spent() -> float:
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def cost_table(measured: pd.DataFrame) -> pd.DataFrame:
    """The measured work with its sum, and the hours of 5,000 frames of Cityscapes on some numbers of cores.

    The hours take for granted that the time is proportional to the pixels of a frame.
    """
    total = {"work": "sum", "core_seconds": measured["core_seconds"].sum()}
    table = pd.concat([measured[["work", "core_seconds"]], pd.DataFrame([total])])
    height, width = map(int, measured["frame"].iloc[0].split("x"))
    frames = FRAMES * PIXELS_OF_CITYSCAPES / (height * width)
    hours = table["core_seconds"] * frames / SECONDS_OF_HOUR
    for cores in CORES:
        table[f"hours on {cores} core{'s' * (cores > 1)}"] = (hours / cores).map("{:,.0f}".format)
    seconds = table["core_seconds"].map("{:.1f}".format)
    renamed = table.assign(core_seconds=seconds).rename(columns={"core_seconds": "core seconds"})
    return renamed.reset_index(drop=True)


if __name__ == "__main__":
    main()
