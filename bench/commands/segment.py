"""``python -m bench segment PICTURES...``: find the instances in any pictures."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import FOLDER_PATH, cache_option, device_option, exit_if_failures, model_option

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

ADVICE_FOR_UNREADABLE_PICTURE = "give a picture that can be opened"


@click.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@model_option
@click.option(
    "--linkage",
    default="average",
    show_default=True,
    help="Linkage of the merge. `merge-impls contract` describes all linkages.",
)
@click.option(
    "--flip",
    is_flag=True,
    help="Average the predictions for a picture and its mirror image: more accurate, half as fast.",
)
@click.option(
    "--output-stride",
    type=int,
    help="Output stride of the networks in pixels: 4, 8, 16 or 32.  [default: the model's]",
)
@device_option
@cache_option
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write results to.  [default: runs/segment]"
)
def segment(
    pictures: tuple[Path, ...],
    model: str,
    linkage: str,
    flip: bool,
    output_stride: int | None,
    device: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Find the instances in PICTURES, which are files or folders of files.

    For each picture, three files are written: NAME.png has the instance id of each pixel, overlays/NAME.png
    shows the instances with their ids and a legend of the classes, and NAME.json describes them.

    Exit code 2: some pictures were skipped. A line names each of them.
    """
    from bench.cache import AffinityCache
    from bench.pipeline.config import PLAIN
    from bench.pipeline.segment import Pipeline
    from merge_impls.commands.exit_codes import USAGE

    out = out or paths.RUNS / "segment"
    strides = {"semantic_stride": output_stride, "affinity_stride": output_stride}
    config = PLAIN.replace(linkage=linkage, shf=flip, ihf=flip, **strides)
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache), config, device)
    found, duplicates = find_pictures_and_duplicates(pictures, out)
    failures = _segment_and_write_pictures(found, out, pipeline)
    skipped = [*duplicates, *failures]
    done = len(found) - len(failures)
    click.echo(f"segmented: {done}, skipped: {len(skipped)}; the instances are in {out}")
    exit_if_failures(skipped, USAGE)


def _segment_and_write_pictures(
    pictures: Mapping[str, Path], out: Path, pipeline: "Pipeline"
) -> list[str]:
    """Segment pictures and write their instances to ``out``. Returns a line for each picture that failed.

    pictures: the path of each picture, by its name without suffix.
    """
    from tqdm import tqdm

    from bench.datasets.image_files import read_rgb
    from bench.report.segment_output import write_segment_output
    from merge_impls.argument_checks import one_line_error_message

    failures = []
    for name, path in tqdm(pictures.items(), desc="segmenting", unit="image"):
        try:
            image = read_rgb(path, ADVICE_FOR_UNREADABLE_PICTURE)
            segmentation = pipeline.segment(pipeline.predictor(image))
            write_segment_output(out, name, path, image, segmentation, pipeline)
        except (ValueError, OSError, MemoryError, RuntimeError) as error:
            reason = one_line_error_message(error).removeprefix(f"{path}: ")
            failures.append(f"{path}: skipped: {reason}")
    return failures


def find_pictures_and_duplicates(
    places: Sequence[Path], out: Path
) -> tuple[dict[str, Path], list[str]]:
    """The path of each picture by its name without suffix, and a line for each picture of the same name.

    Raises ValueError if there is no picture, or if the results would overwrite pictures.
    """
    from bench.datasets.image_files import PICTURE_SUFFIXES

    pictures: dict[str, Path] = {}
    skipped = []
    for path in _expand_folders_to_picture_files(places, PICTURE_SUFFIXES):
        if path.parent.resolve() in (out.resolve(), (out / "overlays").resolve()):
            raise ValueError(f"{out} holds pictures to segment; name another folder with --out")
        if path.stem in pictures:
            skipped.append(f"{path}: skipped: {pictures[path.stem]} has the same name; rename one")
        else:
            pictures[path.stem] = path
    if pictures:
        return pictures, skipped
    given, known = ", ".join(map(str, places)), ", ".join(PICTURE_SUFFIXES)
    raise ValueError(f"{given}: there is no picture; give files with the ending {known}")


def _expand_folders_to_picture_files(
    places: Sequence[Path], suffixes: Sequence[str]
) -> Iterator[Path]:
    """Yield each place that is a file, and the files with one of ``suffixes`` in each that is a folder."""
    for place in places:
        if place.is_dir():
            yield from sorted(p for p in place.iterdir() if p.suffix.lower() in suffixes)
        else:
            yield place
