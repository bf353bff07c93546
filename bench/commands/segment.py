"""``python -m bench segment IMAGE...``: anybody's pictures in, instances out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
from PIL import Image
from tqdm import tqdm

from bench.cache import AffinityCache
from bench.datasets.pictures import LARGEST_ID, SUFFIXES, read_rgb
from bench.pipeline.segment import Pipeline, Segmentation
from bench.pipeline.strategy import PLAIN
from bench.report.pictures.segmentation_grid import draw_overlay
from bench.types import Instance, label_map, mask_numbers
from merge_impls.files import atomic_write

REMEDY = "give pictures that can be opened"


def segment(
    places: Sequence[Path],
    model: Path,
    cache: Path,
    out: Path,
    linkage: str,
    flip: bool,
    output_stride: int | None = None,
    device: str = "cpu",
) -> list[str]:
    """Write instances of every picture to ``out``; returns one line for each that was skipped.

    OUT/NAME.png holds ids (16 bits, 0 for none), OUT/NAME.json what each is, OUT/overlays/NAME.png shows
    them. Raises ValueError where there is no picture, where results would replace pictures, and for
    an output stride or a device that there is not.
    """
    strategy = PLAIN.replace(
        linkage=linkage,
        shf=flip,
        ihf=flip,
        semantic_stride=output_stride,
        affinity_stride=output_stride,
    )
    pipeline = Pipeline(model, AffinityCache(cache), strategy, device)
    pictures, skipped = find_pictures(places, out)
    bar = tqdm(pictures.items(), desc="segmenting", unit="image")
    for name, path in bar:
        try:
            image = read_rgb(path, REMEDY)
            found = pipeline.segment(image)
            write(out, name, path, image, found, pipeline)
        except (ValueError, OSError, MemoryError, RuntimeError) as error:
            skipped.append(f"{path}: skipped: {' '.join(str(error).split()) or 'too large'}")
    click.echo(f"{len(pictures)} pictures, {len(skipped)} skipped; instances in {out}")
    return skipped


def find_pictures(places: Sequence[Path], out: Path) -> tuple[dict[str, Path], list[str]]:
    """The pictures by the name that their results get, and a line for each that cannot have one."""
    pictures: dict[str, Path] = {}
    skipped = []
    for path in _files(places):
        if path.parent.resolve() in (out.resolve(), (out / "overlays").resolve()):
            raise ValueError(f"{out}: holds pictures to segment; name another folder with --out")
        if path.stem in pictures:
            skipped.append(f"{path}: skipped: {pictures[path.stem]} has the same name; rename one")
        else:
            pictures[path.stem] = path
    if not pictures:
        raise ValueError(
            f"{', '.join(map(str, places))}: no picture there; known are {', '.join(SUFFIXES)}"
        )
    return pictures, skipped


def _files(places: Sequence[Path]) -> Iterator[Path]:
    """Files as they are, whatever their names; of folders the pictures in them."""
    for place in places:
        if place.is_dir():
            yield from sorted(p for p in place.iterdir() if p.suffix.lower() in SUFFIXES)
        else:
            yield place


def write(
    out: Path, name: str, path: Path, image: np.ndarray, found: Segmentation, pipeline: Pipeline
) -> None:
    """The three files of one picture; the JSON comes last, so that one that is there is whole."""
    if len(found.instances) > LARGEST_ID:
        raise ValueError(f"{len(found.instances)} instances are more than 16 bits can number")
    labels = label_map(found.instances, image.shape[:2])
    with atomic_write(out / f"{name}.png") as partial:
        Image.fromarray(labels.astype(np.uint16)).save(partial, format="png")
    draw_overlay(image, labels, out / "overlays" / f"{name}.png")
    table = {
        "image": str(path),
        "width": image.shape[1],
        "height": image.shape[0],
        "model": pipeline.config.name,
        "linkage": pipeline.strategy.linkage,
        "thresholds": list(pipeline.resolved.thresholds),
        "backend": found.backend,
        "instances": [
            describe(number, instance, labels == number)
            for number, instance in zip(mask_numbers(found.instances), found.instances, strict=True)
        ],
    }
    with atomic_write(out / f"{name}.json") as partial:
        partial.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def describe(number: int, instance: Instance, mask: np.ndarray) -> dict:
    """box: left, top, right, bottom in pixels, the last two just outside."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return {
        "id": number,
        "class": instance.class_name,
        "confidence": round(instance.score, 6),
        "pixels": int(mask.sum()),
        "box": [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1],
    }
