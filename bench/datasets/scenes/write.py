"""Scenes on disk, in Cityscapes' layout and names; what is there already is kept."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.datasets.scenes.scene import Scene, make_scene

VERSION = 1
"""Of the generator; raised whenever the same seed gives other pixels."""

TUNING_CITY = "eichstadt"
"""The city of train on which thresholds and checkpoints are chosen; nothing is trained on it."""

SPLIT_SIZES = {"train": 800, "val": 64}
TUNING_IMAGES = 48
CITIES = {
    "train": ("ahornburg", "birkenau", "dornfeld", "fichtenberg", "lindenthal"),
    "val": ("ulmenried", "weidenbach"),
}
SETTINGS = "scenes.json"

Progress = Callable[[int, int], None]
"""Called after each image with how many are done and how many there are."""


@dataclass(frozen=True)
class Place:
    """One image of the data set: its split, its city and its number within the city."""

    split: str
    city: str
    index: int

    @property
    def name(self) -> str:
        return f"{self.city}/{self.city}_{self.index:06d}_000000"

    def files(self, root: Path) -> dict[str, Path]:
        """The four files of an image, by what they hold."""
        fine = root / "gtFine" / self.split
        return {
            "picture": root / "leftImg8bit" / self.split / f"{self.name}_leftImg8bit.png",
            "polygons": fine / f"{self.name}_gtFine_polygons.json",
            "instances": fine / f"{self.name}_gtFine_instanceIds.png",
            "labels": fine / f"{self.name}_gtFine_labelIds.png",
        }


def places(split_sizes: Mapping[str, int]) -> list[Place]:
    """All images of a data set: val over its cities; train likewise, after the tuning slice.

    The tuning slice is 48 images of train, or a quarter of a train split smaller than 192.
    """
    found = []
    for split, size in split_sizes.items():
        if split not in CITIES:
            raise ValueError(f"split_sizes: no split {split!r}; scenes have {', '.join(CITIES)}")
        if size < 0:
            raise ValueError(f"split_sizes: {split} cannot have {size} images")
        tuning = min(TUNING_IMAGES, size // 4) if split == "train" else 0
        found += [Place(split, TUNING_CITY, index) for index in range(tuning)]
        cities = CITIES[split]
        for number, city in enumerate(cities):
            count = len(range(number, size - tuning, len(cities)))
            found += [Place(split, city, index) for index in range(count)]
    return found


def generate(
    root: str | Path,
    split_sizes: Mapping[str, int] | None = None,
    size: tuple[int, int] = (512, 256),
    seed: int = 0,
    progress: Progress | None = None,
) -> int:
    """Write the data set below ``root`` and return how many images were made anew.

    ``split_sizes`` maps train and val to numbers of images (default 800 and 64); ``size`` is (width,
    height) in pixels. An image whose files are all there is kept, so that a run that was stopped goes
    on where it stopped. Raises ValueError where the folder was made with another seed or size or by
    another version of the generator, and on sizes under 64 pixels.
    """
    root = Path(root)
    if min(size) < 64:
        raise ValueError(f"size: {size[0]}x{size[1]} is too small, a scene needs 64 pixels each way")
    wanted = dict(SPLIT_SIZES if split_sizes is None else split_sizes)
    todo = places(wanted)
    _settle(root, {"version": VERSION, "seed": seed, "size": list(size), "split_sizes": wanted})
    made = 0
    for done, place in enumerate(todo, start=1):
        files = place.files(root)
        if not all(path.exists() for path in files.values()):
            _write(make_scene(seed, place.split, place.city, place.index, size), files)
            made += 1
        if progress is not None:
            progress(done, len(todo))
    return made


def _settle(root: Path, settings: dict) -> None:
    """Record the settings, or refuse a folder that was made with others."""
    path = root / SETTINGS
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise ValueError(f"{path}: is not JSON; delete {root} and make the scenes anew") from None
        for name in ("version", "seed", "size"):
            if found.get(name) != settings[name]:
                raise ValueError(
                    f"{root}: made with {name} {found.get(name)}, not {settings[name]};"
                    " delete it or choose another folder"
                )
        kept = found.get("split_sizes", {})
        for split, size in settings["split_sizes"].items():
            if kept.get(split, size) != size:
                raise ValueError(
                    f"{root}: made with {kept[split]} {split} images, not {size};"
                    " delete it or choose another folder"
                )
        settings = settings | {"split_sizes": kept | settings["split_sizes"]}
    root.mkdir(parents=True, exist_ok=True)
    _replace(path, lambda name: name.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8"))


def _write(scene: Scene, files: dict[str, Path]) -> None:
    instances, labels = scene.labels()
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_annotation(scene))
    _replace(files["picture"], _png(scene.picture()))
    _replace(files["instances"], _png(instances.astype(np.uint16)))
    _replace(files["labels"], _png(labels))
    _replace(files["polygons"], lambda name: name.write_text(text, encoding="utf-8"))


def _annotation(scene: Scene) -> dict:
    """What Cityscapes keeps in polygons.json."""
    objects = [{"label": item.label, "polygon": item.outline.tolist()} for item in scene.things]
    return {"imgHeight": scene.camera.height, "imgWidth": scene.camera.width, "objects": objects}


def _png(pixels: np.ndarray) -> Callable[[Path], None]:
    return lambda path: Image.fromarray(pixels).save(path, format="PNG")


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under a temporary name beside it and move it into its place."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
