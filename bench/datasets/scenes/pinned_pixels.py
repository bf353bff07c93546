"""Compares scenes with the pinned checksums of their pixels: a changed pixel needs a new ``VERSION``."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bench.datasets.scenes.scene_files import SPLIT_SIZES, VERSION, SceneId, scene_ids

PINS_FILE = Path(__file__).with_name("pins.json")
"""By city, for seed 0 at 512x256: the checksum of the ``first`` image, and that of ``all`` images."""


def image_digest(root: Path, scene_id: SceneId) -> str:
    """SHA-256 of the decoded pixels of an image's photograph, instance ids and label ids."""
    total, files = hashlib.sha256(), scene_id.files(root)
    for kind in ("picture", "instances", "labels"):
        with Image.open(files[kind]) as picture:
            pixels = np.array(picture)
        total.update(f"{pixels.shape}".encode())
        total.update(pixels.astype("<u2").data)
    return total.hexdigest()


def city_digests(root: Path, of_city: Sequence[SceneId]) -> dict[str, str]:
    """The entry of ``PINS_FILE`` for a city, from the images on disk."""
    digests = [image_digest(root, scene_id) for scene_id in of_city]
    return {"first": digests[0], "all": hashlib.sha256("\n".join(digests).encode()).hexdigest()}


def scene_ids_by_city(split_sizes: Mapping[str, int] = SPLIT_SIZES) -> dict[str, list[SceneId]]:
    """A data set's images by city, in the order in which they are pinned."""
    found: dict[str, list[SceneId]] = {}
    for scene_id in scene_ids(split_sizes):
        found.setdefault(scene_id.city, []).append(scene_id)
    return found


def read_pinned_digests() -> dict[str, dict[str, str]]:
    """The pinned checksums by city; raises ValueError where they are of another version of the generator."""
    pins = json.loads(PINS_FILE.read_text())
    if pins["version"] != VERSION:
        raise ValueError(
            f"{PINS_FILE}: pins version {pins['version']} of the scenes, the generator is version {VERSION}: "
            "pin its pixels, and compute all figures again"
        )
    cities: dict[str, dict[str, str]] = pins["cities"]
    return cities


def changed_cities(root: Path, split: str) -> list[str]:
    """The cities of a whole split whose pixels differ from the pinned checksums."""
    pins = read_pinned_digests()
    cities = scene_ids_by_city({split: SPLIT_SIZES[split]})
    return [city for city, own in cities.items() if city_digests(root, own) != pins[city]]
