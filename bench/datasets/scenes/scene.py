"""Makes a scene from its seed: the camera, the light, the street and all objects in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from bench.datasets.cityscapes_labels import CLASS_IDS, CLASS_NAMES, LABELS
from bench.datasets.instance_ids import instance_id
from bench.datasets.scenes import scenery
from bench.datasets.scenes.geometry import Camera, LabelledShape
from bench.datasets.scenes.layout import StreetLayout
from bench.datasets.scenes.light import Light, random_light
from bench.datasets.scenes.paint import paint_label_maps, paint_photograph
from bench.datasets.scenes.placement import populate_street

MIN_VISIBLE_SHARE = 3.0e-4
"""Instances whose visible pixels are a smaller share of the picture are removed from the scene."""


@dataclass(frozen=True)
class Scene:
    """The content of one image.

    shapes: all shapes from back to front. noise: the seed of texture and noise in the photograph.
    """

    shapes: list[LabelledShape]
    camera: Camera
    light: Light
    noise: np.random.SeedSequence

    def paint_label_maps(self) -> tuple[np.ndarray, np.ndarray]:
        """Paint ``instanceIds`` (H, W) int32 and ``labelIds`` (H, W) uint8, with Cityscapes' numbers."""
        return paint_label_maps(self.shapes, self.camera.width, self.camera.height)

    def paint_photograph(self) -> np.ndarray:
        """Paint the photograph, (H, W, 3) uint8."""
        rng = np.random.default_rng(self.noise)
        return paint_photograph(self.shapes, self.camera, self.light, rng)


def image_seed(seed: int, split: str, city: str, index: int) -> np.random.SeedSequence:
    """The seed of one image, which differs for all (seed, split, city, index)."""
    words = [crc32(split.encode()), crc32(city.encode()), index]
    return np.random.SeedSequence([seed, *words])


def make_scene(seed: int, split: str, city: str, index: int, size: tuple[int, int]) -> Scene:
    """Make the scene of one image. ``size`` is (height, width) in pixels."""
    world, noise = image_seed(seed, split, city, index).spawn(2)
    rng = np.random.default_rng(world)
    camera, light = _random_camera(rng, size), random_light(rng)
    street = scenery.random_street(rng)
    behind = [
        *scenery.sky_shapes(camera, light, rng),
        *scenery.ground_shapes(camera, light, street, rng),
        *scenery.facade_shapes(camera, light, street, rng),
    ]
    layout = StreetLayout(camera, light, street, rng)
    populate_street(layout, index)
    shapes = [*behind, *layout.shapes_in_painting_order()]
    if rng.random() < 0.6:
        shapes.append(scenery.hood_shape(camera, rng))
    return Scene(_drop_hidden_instances(shapes, camera), camera, light, noise)


def _random_camera(rng: np.random.Generator, size: tuple[int, int]) -> Camera:
    height, width = size
    focal = width * rng.uniform(0.8, 0.98)
    horizon, centre = height * rng.uniform(0.38, 0.48), width * rng.uniform(0.4, 0.6)
    return Camera(
        width, height, float(focal), float(rng.uniform(1.5, 2.1)), float(horizon), float(centre)
    )


def _drop_hidden_instances(shapes: list[LabelledShape], camera: Camera) -> list[LabelledShape]:
    """Remove instances that are almost wholly hidden behind others."""
    shapes = [item for item in shapes if len(item.outline) >= 3]  # PIL cannot draw the others
    pixels = MIN_VISIBLE_SHARE * camera.width * camera.height
    for _ in range(4):
        instances, _ = paint_label_maps(shapes, camera.width, camera.height)
        values, counts = np.unique(instances, return_counts=True)
        seen = dict(zip(values.tolist(), counts.tolist(), strict=True))
        kept = [
            item
            for item, value in zip(shapes, _instance_ids_of_shapes(shapes), strict=True)
            if value is None or seen.get(value, 0) >= pixels
        ]
        if len(kept) == len(shapes):
            break
        shapes = kept
    return shapes


def _instance_ids_of_shapes(shapes: list[LabelledShape]) -> Iterator[int | None]:
    """The value of each shape in ``instanceIds``, or None if the shape is not an instance."""
    numbers = dict.fromkeys(CLASS_IDS, 0)
    for shape in shapes:
        if shape.label in CLASS_NAMES:
            class_id = LABELS[shape.label].id
            yield instance_id(class_id, numbers[class_id])
            numbers[class_id] += 1
        else:
            yield None
