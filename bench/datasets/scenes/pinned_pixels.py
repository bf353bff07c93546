"""Compares generated scenes with the checksums in ``pins.json``, to find changes of the generator.

A change of a pixel requires a new ``VERSION`` of the generator.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from bench.datasets.scenes.scene_files import SPLIT_SIZES, VERSION, SceneId, scene_ids

PINS_FILE = Path(__file__).with_name("pins.json")
"""For each city the checksums of its ``first`` image and of ``all`` images, at seed 0 and 256x512 pixels."""


def image_digest(root: Path, scene_id: SceneId) -> str:
    """SHA-256 (hex) of the decoded pixels of an image: its photograph, instance ids and label ids."""
    total, files = hashlib.sha256(), scene_id.files(root)
    for kind in ("picture", "instances", "labels"):
        with Image.open(files[kind], formats=("PNG",)) as picture:
            pixels = np.array(picture)
        total.update(f"{pixels.shape}".encode())
        total.update(pixels.astype("<u2").data)
    return total.hexdigest()


def city_digests(root: Path, of_city: Sequence[SceneId]) -> dict[str, str]:
    """The checksums of a city's images on disk, in the form of an entry of ``PINS_FILE``."""
    digests = [image_digest(root, scene_id) for scene_id in of_city]
    return {"first": digests[0], "all": hashlib.sha256("\n".join(digests).encode()).hexdigest()}


def scene_ids_by_city(split_sizes: Mapping[str, int] = SPLIT_SIZES) -> dict[str, list[SceneId]]:
    """The ids of a data set's images by city, in the order that the checksum of ``all`` images depends on."""
    found: dict[str, list[SceneId]] = {}
    for scene_id in scene_ids(split_sizes):
        found.setdefault(scene_id.city, []).append(scene_id)
    return found


def read_pinned_digests() -> dict[str, dict[str, str]]:
    """The checksums in ``PINS_FILE`` by city. Raises ValueError if they are of another ``VERSION``."""
    pins = json.loads(PINS_FILE.read_text())
    if pins["version"] != VERSION:
        raise ValueError(
            f"{PINS_FILE}: holds checksums of version {pins['version']}, but the generator has version "
            f"{VERSION}; record its checksums, and compute all results again"
        )
    cities: dict[str, dict[str, str]] = pins["cities"]
    return cities


def changed_cities(root: Path, split: str) -> list[str]:
    """The cities of a split whose pixels on disk differ from the recorded checksums."""
    pins = read_pinned_digests()
    cities = scene_ids_by_city({split: SPLIT_SIZES[split]})
    return [city for city, own in cities.items() if city_digests(root, own) != pins[city]]
