"""Measures what the paper's networks take on one frame of Cityscapes' size, in tiles and whole, part by part.

    python -m benchmarks.large_frame [--size 1024 2048] [--out benchmarks/large_frame.csv]

Both networks are DeepLabv3 on ResNet-101 at output stride 8, with image pooling and random weights. The
frame is a generated street. One thread computes everything. Core seconds are the processor time of this
thread, and the memory is the peak of the resident memory of the process.
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import process_time

import click
import pandas as pd

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.pipeline.network_logits import network_logits
from bench.pipeline.segment import Pipeline
from bench.types import RgbImage, image_size
from benchmarks.random_networks import random_model_folder
from merge_impls.isolation.memory import PeakMemory, return_freed_memory
from merge_impls.machine import describe_machine
from merge_impls.text_formats import format_shape
from models.deeplabv3 import DeepLabV3

PARTS_FILE = Path(__file__).with_suffix(".csv")
"""The committed measurement."""

MAX_GIB = 12
"""The memory that inference in tiles may take at most."""

TILE = 768
"""The side of the tiles in pixels, as docs/cityscapes.md recommends it."""

REST = "tiles, rounding"
"""The part of the inference that is in none of the networks' modules."""


@click.command()
@click.option(
    "--size", nargs=2, type=int, default=(1024, 2048), help="Height and width of a frame."
)
@click.option("--out", type=click.Path(path_type=Path), default=PARTS_FILE, help="File to write.")
def main(size: tuple[int, int], out: Path) -> None:
    """Measure seconds and memory of both networks on a frame, in tiles and whole."""
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        frame = street_frame(Path(scratch, "data"), size)
        model = random_model_folder(Path(scratch, "model"), layers=101)
        measured = pd.concat(
            measure_frame(model, frame, Path(scratch, "cache"), tile) for tile in (TILE, 0)
        )
    processor = describe_machine()["processor"]
    measured.assign(frame=format_shape(size), processor=processor).to_csv(out, index=False)
    click.echo(large_frame_table(measured).to_string(index=False))


def street_frame(root: Path, size: tuple[int, int]) -> RgbImage:
    """A generated street of ``size`` (height, width), written to the folder ``root`` and read again."""
    generate(root, {"val": 1}, size)
    dataset = open_dataset("scenes", root)
    return dataset.image("val", dataset.names("val")[0])


def measure_frame(model: Path, frame: RgbImage, cache: Path, tile: int) -> pd.DataFrame:
    """The columns ``tile``, ``part``, ``core_seconds`` and ``gib`` of one frame through both networks.

    tile: the side of the tiles in pixels; 0: the networks run on the whole frame.
    """
    meter = PartMeter()
    pipeline = Pipeline(model, AffinityCache(cache)).replace(tile=tile)
    predictor = pipeline.predictor(frame)
    view = pipeline.whole_image_view(image_size(frame))
    with meter.part("weights read"):
        networks = pipeline.networks.model
    with measured_modules(meter, (networks.semantic, networks.affinity)):
        before, parts = process_time(), meter.total_seconds
        logits = network_logits(networks, frame, view, None)
        meter.seconds[REST] += process_time() - before - (meter.total_seconds - parts)
    with meter.part("cache written"):
        pipeline.networks.cache.read_or_compute(predictor.cache_key(view), lambda: vars(logits))
    with meter.part("cache read, class probabilities"):
        predictor.semantic(view)
    with meter.part("affinities"):
        predictor.affinity(view)
    rows = [
        {"tile": tile, "part": part, "core_seconds": seconds, "gib": meter.gib.get(part)}
        for part, seconds in meter.seconds.items()
    ]
    return pd.DataFrame(rows)


class PartMeter:
    """Adds up the processor time of named parts of some work, and keeps the largest memory of each.

    seconds: the processor time of this process in each part.
    gib: the peak of the resident memory of this process in each part, in GiB.
    """

    def __init__(self) -> None:
        return_freed_memory()
        self.seconds: dict[str, float] = defaultdict(float)
        self.gib: dict[str, float] = defaultdict(float)

    @property
    def total_seconds(self) -> float:
        """The processor time of all parts together."""
        return sum(self.seconds.values())

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Measure the statements in the block as a part. Parts must not lie within each other."""
        memory, before = PeakMemory(), process_time()
        yield
        self.seconds[name] += process_time() - before
        peak = memory.peak_in_bytes()
        if peak is None:
            raise OSError(f"{name}: the peak of the memory is unknown here; measure on Linux")
        self.gib[name] = max(self.gib[name], peak / 2**30)


@contextmanager
def measured_modules(meter: PartMeter, networks: tuple[DeepLabV3, ...]) -> Iterator[None]:
    """Measure each call of the backbone, the ASPP and the head of the networks as a part."""
    handles = []
    for network in networks:
        aspp, *head = network.classifier
        modules = {"backbone": [network.backbone], "ASPP": [aspp], "head": head}
        for part, of_part in modules.items():
            running: list[AbstractContextManager[None]] = []

            def begin(*_: object, part: str = part, running=running) -> None:  # type: ignore[no-untyped-def]
                running.append(meter.part(part))
                running[-1].__enter__()

            def end(*_: object, running=running) -> None:  # type: ignore[no-untyped-def]
                running.pop().__exit__(None, None, None)

            handles += [of_part[0].register_forward_pre_hook(begin)]
            handles += [of_part[-1].register_forward_hook(end)]
    yield
    for handle in handles:
        handle.remove()


def large_frame_table(measured: pd.DataFrame) -> pd.DataFrame:
    """The core seconds and the memory of each part, in tiles and whole, and of all parts together."""
    table = pd.DataFrame({"part": [*measured["part"].unique(), "together"]})
    for tile, rows in measured.groupby("tile", sort=False):
        way = "in tiles" if tile else "whole"
        seconds, gib = (rows.set_index("part")[name] for name in ("core_seconds", "gib"))
        seconds["together"], gib["together"] = seconds.sum(), gib.max()
        table[f"core seconds {way}"] = table["part"].map(seconds).map("{:,.1f}".format)
        texts = table["part"].map(gib).map("{:.1f}".format)
        table[f"peak GiB {way}"] = texts.where(table["part"].map(gib).notna(), "")
    return table


if __name__ == "__main__":
    main()
