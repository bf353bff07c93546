"""Writes scenes to disk in the layout of Cityscapes. Existing files are kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.datasets.cityscapes import TUNING_CITY_OF_SCENES
from bench.datasets.scenes.coarse_annotation import coarse_shapes
from bench.datasets.scenes.geometry import LabelledShape
from bench.datasets.scenes.paint import paint_label_maps
from bench.datasets.scenes.scene import Scene, make_scene
from merge_impls.file_writing import atomic_write
from merge_impls.regular_files import check_regular_file
from merge_impls.text_formats import format_shape

VERSION = 1
"""The version of the generator. Raise it whenever a change of the code changes pixels."""

SEED, SIZE = 0, (256, 512)
"""The seed and the image size (height, width) of the default data set."""

SPLIT_SIZES = {"train": 800, "val": 200}
"""The number of images of each split in the default data set."""

TUNING_IMAGES = 48
"""The number of images of the split train that are in the tuning slice."""

CITIES = {
    "train": ("ahornburg", "birkenau", "dornfeld", "fichtenberg", "lindenthal"),
    "val": ("ulmenried", "weidenbach"),
    "train_extra": ("erlengrund", "kieferntal"),
    "test": ("haselbach", "tannenau"),
}
COARSE_SPLIT, SPLIT_WITHOUT_ANNOTATION = "train_extra", "test"
"""The splits whose images have only a coarse annotation, and none: as in Cityscapes."""

SETTINGS_FILE = "scenes.json"
"""The file of a data set that records version, seed, image size and split sizes."""

ProgressCallback = Callable[[int, int], None]
"""A function that is called after each image: progress(images_done, images_in_total)."""


@dataclass(frozen=True)
class SceneId:
    """Identifies an image of the data set by its split, its city and its number within the city."""

    split: str
    city: str
    index: int

    @property
    def name(self) -> str:
        """The name of the image, as ``Dataset.names`` lists it."""
        return f"{self.city}/{self.city}_{self.index:06d}_000000"

    def files(self, root: Path) -> dict[str, Path]:
        """The "picture" of an image, and the "polygons", "instances" and "labels" of its fine annotation."""
        return {"picture": self.picture_file(root)} | self.annotation_files(root, "gtFine")

    def picture_file(self, root: Path) -> Path:
        """The photograph."""
        return root / "leftImg8bit" / self.split / f"{self.name}_leftImg8bit.png"

    def annotation_files(self, root: Path, kind: str) -> dict[str, Path]:
        """The files "polygons", "instances" and "labels" of the annotation "gtFine" or "gtCoarse"."""
        stem = f"{root / kind / self.split / self.name}_{kind}"
        return {
            "polygons": Path(f"{stem}_polygons.json"),
            "instances": Path(f"{stem}_instanceIds.png"),
            "labels": Path(f"{stem}_labelIds.png"),
        }

    def kinds_of_annotation(self, coarse: bool) -> tuple[str, ...]:
        """The annotations of an image. coarse: whether images with a fine one have a coarse one, too."""
        if self.split == SPLIT_WITHOUT_ANNOTATION:
            return ()
        if self.split == COARSE_SPLIT:
            return ("gtCoarse",)
        return ("gtFine", "gtCoarse") if coarse else ("gtFine",)


def scene_ids(split_sizes: Mapping[str, int]) -> list[SceneId]:
    """The ids of all images of a data set with these split sizes.

    The first ids of train are the tuning slice: 48 images, or a quarter of the split if that is fewer. All
    other images are divided evenly among the cities.
    """
    found = []
    for split, size in split_sizes.items():
        if split not in CITIES:
            raise ValueError(
                f"split_sizes: {split!r} is unknown; the splits are {', '.join(CITIES)}"
            )
        if size < 0:
            raise ValueError(f"split_sizes: {split} has {size} images; take 0 or more")
        tuning = min(TUNING_IMAGES, size // 4) if split == "train" else 0
        found += [SceneId(split, TUNING_CITY_OF_SCENES, index) for index in range(tuning)]
        for number, city in enumerate(CITIES[split]):
            count = len(range(number, size - tuning, len(CITIES[split])))
            found += [SceneId(split, city, index) for index in range(count)]
    return found


def generate(
    root: str | Path,
    split_sizes: Mapping[str, int] | None = None,
    size: tuple[int, int] = SIZE,
    seed: int = SEED,
    progress: ProgressCallback | None = None,
    coarse: bool = False,
    first: int | None = None,
) -> int:
    """Write the data set into the folder ``root``; return how many images were generated.

    An image whose files all exist is kept, so that an interrupted run can be resumed.

    split_sizes: the number of images of train, val, train_extra and test; None: ``SPLIT_SIZES``.
    coarse: whether the images of train and val get a coarse annotation beside the fine one.
    size: (height, width) of the images in pixels.
    first: generate only so many images, the first ones by name; None: all.
    Raises ValueError if the folder was made with another seed, size or number of images or by another version
    of the generator, and for unknown splits, negative seeds, and sizes below 64 pixels or higher than wide.
    """
    root = Path(root)
    _check_size_and_seed(size, seed)
    wanted = dict(SPLIT_SIZES if split_sizes is None else split_sizes)
    todo = scene_ids(wanted)
    if first is not None:
        todo = sorted(todo, key=lambda scene_id: scene_id.name)[:first]
    _check_and_record_settings(
        root, {"version": VERSION, "seed": seed, "size": list(size[::-1]), "split_sizes": wanted}
    )
    made = 0
    for done, scene_id in enumerate(todo, start=1):
        if not _is_complete(root, scene_id, coarse):
            scene = make_scene(seed, scene_id.split, scene_id.city, scene_id.index, size)
            _write_scene(root, scene_id, scene, coarse)
            made += 1
        if progress is not None:
            progress(done, len(todo))
    return made


def generate_with_progress(
    root: Path,
    split_sizes: Mapping[str, int],
    size: tuple[int, int],
    seed: int,
    coarse: bool = False,
    first: int | None = None,
) -> None:
    """``generate`` with a progress bar on stderr."""
    from tqdm import tqdm

    with tqdm(desc="scenes", unit="image") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        generate(root, split_sizes, size, seed, progress, coarse, first)


def _is_complete(root: Path, scene_id: SceneId, coarse: bool) -> bool:
    """Whether all files of an image exist."""
    annotations = (
        path
        for kind in scene_id.kinds_of_annotation(coarse)
        for path in scene_id.annotation_files(root, kind).values()
    )
    return all(path.exists() for path in (scene_id.picture_file(root), *annotations))


def _check_size_and_seed(size: tuple[int, int], seed: int) -> None:
    height, width = size
    if min(size) < 64:
        raise ValueError(
            f"size: {height}x{width} is too small; take at least 64 pixels for height and width"
        )
    if height > width:
        raise ValueError(
            f"size: a street of height {height} and width {width} is higher than wide; give the height "
            f"before the width: {width} {height}"
        )
    if seed < 0:
        raise ValueError(f"seed: {seed} is negative; take 0 or more")


def _check_and_record_settings(root: Path, settings: dict[str, Any]) -> None:
    """Write the settings file; raise ValueError if the folder was made with other settings."""
    path = root / SETTINGS_FILE
    if path.exists():
        found = _read_settings(path)
        for name in ("version", "seed"):
            _check_setting(root, name, found.get(name), settings[name])
        _check_setting(root, "size", *map(_height_x_width, (found.get("size"), settings["size"])))
        sizes = found.get("split_sizes", {})
        for split, size in settings["split_sizes"].items():
            _check_setting(root, f"{split} images", sizes.get(split, size), size)
        settings = settings | {"split_sizes": sizes | settings["split_sizes"]}
    _write_json(path, settings, indent=2)


def _height_x_width(width_and_height: Any) -> str:
    """The size in the settings file, whose width is first, as text with the height first."""
    if isinstance(width_and_height, list):
        return format_shape(width_and_height[::-1])
    return str(width_and_height)


def _read_settings(path: Path) -> dict[str, Any]:
    check_regular_file(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(
            f"{path}: holds no settings; delete {path.parent} and generate the scenes again"
        )
    return found


def _check_setting(root: Path, name: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise ValueError(
            f"{root}: {name}: the folder was made with {found}, not {wanted};"
            " delete it or choose another folder"
        )


def _write_scene(root: Path, scene_id: SceneId, scene: Scene, coarse: bool) -> None:
    _write_png(scene_id.picture_file(root), scene.paint_photograph())
    for kind in scene_id.kinds_of_annotation(coarse):
        shapes = scene.shapes
        if kind == "gtCoarse":
            shapes = coarse_shapes(scene.paint_label_maps()[0])
        _write_annotation(
            scene_id.annotation_files(root, kind), shapes, scene.camera.width, scene.camera.height
        )


def _write_annotation(
    files: dict[str, Path], shapes: list[LabelledShape], width: int, height: int
) -> None:
    instances, labels = paint_label_maps(shapes, width, height)
    _write_png(files["instances"], instances.astype(np.uint16))
    _write_png(files["labels"], labels)
    objects = [{"label": item.label, "polygon": item.outline.tolist()} for item in shapes]
    _write_json(files["polygons"], {"imgHeight": height, "imgWidth": width, "objects": objects})


def _write_png(path: Path, pixels: np.ndarray) -> None:
    with atomic_write(path) as partial:
        Image.fromarray(pixels).save(partial, format="PNG")


def _write_json(path: Path, content: dict[str, Any], indent: int | None = None) -> None:
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(content, indent=indent) + "\n", encoding="utf-8")
