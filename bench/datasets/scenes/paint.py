"""Paints shapes, ordered from back to front, as label maps and as a photograph."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from bench.datasets.cityscapes_labels import LABELS
from bench.datasets.instance_ids import instance_id, label_ids_of
from bench.datasets.scenes.geometry import Camera, LabelledShape
from bench.datasets.scenes.light import Light

OVERSAMPLING = 2
"""The photograph is painted at this multiple of its size and then reduced, which smooths edges."""


def paint_label_maps(
    shapes: list[LabelledShape], width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Paint ``instanceIds`` (H, W) int32 and ``labelIds`` (H, W) uint8, from the first shape to the last.

    The k-th shape of a class with instances is its k-th instance. Other shapes have the plain label id.
    """
    canvas = Image.new("I", (width, height), 0)
    draw = ImageDraw.Draw(canvas)
    counts: dict[str, int] = {}
    for shape in shapes:
        label = LABELS[shape.label]
        value = label.id
        if label.has_instances:
            value = instance_id(label.id, counts.get(shape.label, 0))
            counts[shape.label] = counts.get(shape.label, 0) + 1
        draw.polygon([tuple(point) for point in shape.outline.tolist()], fill=value)
    instances = np.array(canvas, dtype=np.int32)
    labels = label_ids_of(instances).astype(np.uint8)
    return instances, labels


def paint_photograph(
    shapes: list[LabelledShape], camera: Camera, light: Light, rng: np.random.Generator
) -> np.ndarray:
    """Paint the picture, (H, W, 3) uint8: background, shadows, objects, then blur, texture and noise."""
    upright = (i for i, shape in enumerate(shapes) if shape.footprint is not None)
    first = next(upright, len(shapes))
    size = (camera.width * OVERSAMPLING, camera.height * OVERSAMPLING)
    canvas = Image.new("RGB", size)
    draw = ImageDraw.Draw(canvas)
    for shape in shapes[:first]:
        _paint_shape(draw, shape)
    canvas = _with_shadows(canvas, shapes[first:], camera, light)
    draw = ImageDraw.Draw(canvas)
    for shape in shapes[first:]:
        _paint_shape(draw, shape)
    small = canvas.reduce(OVERSAMPLING).filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.55)))
    return _add_lighting_and_noise(np.asarray(small, dtype=np.float32), rng)


def _oversampled_points(points: np.ndarray) -> list[tuple[float, float]]:
    """Convert pixel coordinates of the picture to those of the oversampled canvas."""
    return [tuple(p) for p in (points * OVERSAMPLING + (OVERSAMPLING - 1) / 2).tolist()]


def _paint_shape(draw: ImageDraw.ImageDraw, shape: LabelledShape) -> None:
    """Paint the strokes of a shape, then the line along its outline."""
    for stroke in shape.strokes:
        points = _oversampled_points(stroke.points)
        if stroke.width:
            draw.line(points, fill=stroke.colour, width=max(round(stroke.width * OVERSAMPLING), 1))
        else:
            draw.polygon(points, fill=stroke.colour)
    if shape.edge is not None:
        outline = _oversampled_points(shape.outline)
        draw.line([*outline, outline[0]], fill=shape.edge, width=OVERSAMPLING)


def _with_shadows(
    canvas: Image.Image, shapes: list[LabelledShape], camera: Camera, light: Light
) -> Image.Image:
    """The canvas with the ground darkened beside each shape, on the side away from the sun."""
    shade = Image.new("L", canvas.size, 255)
    draw = ImageDraw.Draw(shade)
    darkness = int(255 * (1 - 0.9 * light.strength))
    reach = 0.7 / max(light.sun[1], 0.4)
    shift_x, shift_z = -light.sun[0] * reach, -light.sun[2] * reach
    for foot in (shape.footprint for shape in shapes if shape.footprint is not None):
        left, right = foot.left + min(shift_x, 0), foot.right + max(shift_x, 0)
        near, far = foot.near + min(shift_z, 0) - 0.1, foot.far + max(shift_z, 0)
        corners = np.array([(left, 0, near), (left, 0, far), (right, 0, far), (right, 0, near)])
        draw.polygon(_oversampled_points(camera.project(corners)), fill=darkness)
    shade = shade.filter(ImageFilter.GaussianBlur(3))
    dark = np.asarray(shade, dtype=np.float32)[..., None] / 255
    return Image.fromarray((np.asarray(canvas, dtype=np.float32) * dark).astype(np.uint8))


def _smooth_noise(shape: tuple[int, int], cell: int, rng: np.random.Generator) -> np.ndarray:
    """Noise in [-1, 1], (H, W) float32, whose bumps are about ``cell`` pixels wide."""
    rows, columns = shape[0] // cell + 2, shape[1] // cell + 2
    coarse = rng.integers(0, 256, size=(rows, columns)).astype(np.uint8)
    fine = Image.fromarray(coarse).resize((columns * cell, rows * cell), Image.Resampling.BILINEAR)
    return np.asarray(fine, dtype=np.float32)[: shape[0], : shape[1]] / 127.5 - 1


def _add_lighting_and_noise(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add uneven light, surface texture at three scales, a tint and sensor noise; returns uint8."""
    height, width = picture.shape[:2]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    slope_x, slope_y = rng.uniform(-0.09, 0.09, size=2).astype(np.float32)
    field = 1 + slope_x * across + slope_y * down
    for cell, strength in ((48, 0.07), (11, 0.03), (3, 0.03)):
        field = field + np.float32(strength) * _smooth_noise((height, width), cell, rng)
    tint = rng.uniform(0.95, 1.05, size=3).astype(np.float32) * np.float32(rng.uniform(0.92, 1.14))
    grain = rng.integers(-5, 6, size=(2, height, width, 3), dtype=np.int8).sum(
        axis=0, dtype=np.int16
    )
    gain = np.float32(rng.uniform(0.4, 1.0))
    exposed = np.clip(picture * field[..., None] * tint + gain * grain, 0, 255)
    return np.asarray(exposed).astype(np.uint8)
