"""``python -m bench segment PICTURES...``: find the instances in any pictures."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import (
    FOLDER_PATH,
    cache_option,
    device_option,
    exit_if_failures,
    given_maps_options,
    linkage_option,
    model_option,
    writable_folder,
)

if TYPE_CHECKING:
    from bench.picture_files.picture_pages import PicturePage
    from bench.pipeline.segment import Pipeline

ADVICE_FOR_UNREADABLE_PICTURE = "give a picture that can be opened"


@click.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@model_option
@given_maps_options
@linkage_option
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
    semantic: Path | None,
    affinity: Path | None,
    linkage: str,
    flip: bool,
    output_stride: int | None,
    device: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Find the instances in PICTURES, which are files or folders of files.

    For each picture, three files are written: NAME.png has the instance id of each pixel, overlays/NAME.png
    shows the instances with their ids and a legend of the classes, and NAME.json describes them. Each page of
    a file is a picture, NAME_p001 and so on.

    Exit code 2: some pictures were skipped. A line names each of them.
    """
    from bench.cache import AffinityCache
    from bench.pipeline.config import PLAIN
    from bench.pipeline.segment import Pipeline
    from merge_impls.commands.exit_codes import USAGE
    from merge_impls.folder_lock import locked_folder

    out = writable_folder(out, "segment")
    strides = {"semantic_stride": output_stride, "affinity_stride": output_stride}
    config = PLAIN.replace(linkage=linkage, shf=flip, ihf=flip, **strides)
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache), config, device)
    pipeline = pipeline.with_given_maps(semantic, affinity)
    found, not_found = find_pictures_and_skipped(pictures, out)
    with locked_folder(out, click.echo):
        failures = _segment_and_write_pictures(found, out, pipeline)
    skipped = [*not_found, *failures]
    done = len(found) - len(failures)
    click.echo(f"segmented: {done}, skipped: {len(skipped)}; the instances are in {out}")
    exit_if_failures(skipped, USAGE)


def _segment_and_write_pictures(
    pictures: "Mapping[str, PicturePage]", out: Path, pipeline: "Pipeline"
) -> list[str]:
    """Segment pictures and write their instances to ``out``. Returns a line for each picture that failed.

    pictures: the page of a file that has each picture, by the name of the picture.
    """
    from tqdm import tqdm

    from bench.picture_files.picture_reading import left_out_of_rgb, read_rgb
    from bench.report.segment_output import write_segment_output
    from merge_impls.argument_checks import one_line_error_message

    failures = []
    left_out: dict[str, list[Path]] = {}
    for name, source in tqdm(pictures.items(), desc="segmenting", unit="image"):
        path, page = source
        try:
            image = read_rgb(path, ADVICE_FOR_UNREADABLE_PICTURE, page)
            for what in left_out_of_rgb(path, ADVICE_FOR_UNREADABLE_PICTURE, page):
                left_out.setdefault(what, []).append(path)
            segmentation = pipeline.segment(pipeline.predictor(image, name))
            write_segment_output(out, name, source, image, segmentation, pipeline)
        except (ValueError, OSError, MemoryError, RuntimeError) as error:
            failures.append(_skipped_line(path, one_line_error_message(error), page))
    for what, paths_of_pictures in left_out.items():
        count = f"{len(paths_of_pictures)} picture{'s' * (len(paths_of_pictures) > 1)}"
        line = f"left out of {count}: {what}; first: {paths_of_pictures[0]}"
        click.echo(f"Warning: {line}", err=True)
    return failures


def find_pictures_and_skipped(
    places: Sequence[Path], out: Path
) -> tuple[dict[str, "PicturePage"], list[str]]:
    """The pages of all pictures by name, and a line for each file that has no pages or only taken names.

    Raises ValueError if there is no picture, or if the results would overwrite pictures.
    """
    from bench.picture_files.file_listing import PICTURE_SUFFIXES
    from bench.picture_files.picture_pages import name_pages
    from merge_impls.argument_checks import one_line_error_message

    pictures: dict[str, PicturePage] = {}
    skipped = []
    for path in _expand_folders_to_picture_files(places):
        if path.parent.resolve() in (out.resolve(), (out / "overlays").resolve()):
            raise ValueError(f"{out} holds pictures to segment; name another folder with --out")
        try:
            pages = name_pages(path, ADVICE_FOR_UNREADABLE_PICTURE)
        except (ValueError, OSError) as error:
            skipped.append(_skipped_line(path, one_line_error_message(error)))
            continue
        for name, page in pages.items():
            if name in pictures:
                reason = f"{pictures[name].path} has the same name; rename one"
                skipped.append(_skipped_line(path, reason, page.page))
            else:
                pictures[name] = page
    if pictures or skipped:
        return pictures, skipped
    given, known = ", ".join(map(str, places)), ", ".join(PICTURE_SUFFIXES)
    raise ValueError(f"{given}: there is no picture; give files with the ending {known}")


def _skipped_line(path: Path, reason: str, page: int | None = None) -> str:
    """A line that says why a file, or a page of a file, was skipped."""
    which = f"{path}, page {page}" if page else f"{path}"
    return f"{which}: skipped: {reason.removeprefix(f'{path}: ')}"


def _expand_folders_to_picture_files(places: Sequence[Path]) -> Iterator[Path]:
    """Yield each place that is a file, and the picture files in each that is a folder."""
    from bench.picture_files.file_listing import PICTURE_SUFFIXES, list_files

    for place in places:
        if place.is_dir():
            listing = list_files(place, PICTURE_SUFFIXES)
            listing.warn(PICTURE_SUFFIXES)
            yield from listing.files
        else:
            yield place
