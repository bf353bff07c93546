"""Street furniture: trees, posts with signs or traffic lights, traffic islands, bins and boxes.

In all functions (x, z) is the position on the ground in metres.
"""

import numpy as np

from bench.datasets.scenes.geometry import (
    Camera,
    Colour,
    Footprint,
    LabelledShape,
    Stroke,
    shape_from_strokes,
)
from bench.datasets.scenes.light import DARK, LEAF, METAL, Light, pick_colour
from bench.datasets.scenes.prisms import Polygon, disc, rectangle


def random_tree(
    camera: Camera, light: Light, x: float, z: float, rng: np.random.Generator
) -> list[LabelledShape]:
    """A tree: a trunk and a ragged crown, both with the label vegetation."""
    tall, wide, colour = rng.uniform(4.2, 6.5), rng.uniform(1.2, 2.1), pick_colour(rng, LEAF)
    thick = rng.uniform(0.12, 0.2)
    bark = light.seen_colour((98, 82, 68), z)
    trunk = Stroke(
        camera.project_drawing(np.array(rectangle(-thick, thick, 0, tall * 0.7)), x, z), bark
    )
    crown = [
        Stroke(camera.project_drawing(leaves, x, z), light.seen_colour(colour, z, tone))
        for leaves, tone in _leaves(tall, wide, rng)
    ]
    around = Footprint.from_centre(x, z, 0.3, 0.3)
    # Trunk and crown are two shapes: a single outline would include the free space beside the trunk.
    return [
        shape_from_strokes("vegetation", [trunk], light.seen_colour((98, 82, 68), z, 0.5), around),
        shape_from_strokes("vegetation", crown, light.seen_colour(colour, z, 0.55), around),
    ]


def _leaves(tall: float, wide: float, rng: np.random.Generator) -> list[tuple[np.ndarray, float]]:
    """Nine round tufts of leaves: for each its corners (N, 2) in metres, and the factor of its brightness."""
    tufts = []
    for _ in range(9):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.6)
        centre = (wide * reach * np.cos(angle), tall * 0.78 + 0.6 * wide * reach * np.sin(angle))
        tuft = np.array(disc(*centre, wide * rng.uniform(0.4, 0.62), 11))
        tufts.append((tuft, 1.0 + 0.22 * np.sin(angle) + rng.uniform(-0.06, 0.06)))
    return tufts


def random_post(
    camera: Camera, light: Light, x: float, z: float, rng: np.random.Generator
) -> list[LabelledShape]:
    """A lamp post, or a pole with a traffic sign or a traffic light on it."""
    half, tall = rng.uniform(0.06, 0.11), rng.uniform(3.2, 6.5)
    colour = METAL if rng.random() < 0.6 else pick_colour(rng)
    parts = [(rectangle(-half, half, 0, tall), 0.8), (rectangle(-half, half * 0.2, 0, tall), 1.05)]
    strokes = [
        Stroke(camera.project_drawing(np.array(points), x, z), light.seen_colour(colour, z, tone))
        for points, tone in parts
    ]
    around = Footprint.from_centre(x, z, 0.2, 0.2)
    shapes = [shape_from_strokes("pole", strokes, light.seen_colour(colour, z, 0.4), around)]
    kind = rng.random()
    if kind < 0.3:
        panel = _sign_panel(min(tall, rng.uniform(2.5, 3.2)), rng)
        marks = [
            Stroke(camera.project_drawing(np.array(points), x, z), light.seen_colour(tint, z))
            for points, tint in panel
        ]
        shapes.append(shape_from_strokes("traffic sign", marks, light.seen_colour(DARK, z), around))
    elif kind < 0.5:
        marks = _traffic_light(camera, light, x, z, rng.uniform(2.3, 2.8))
        shapes.append(
            shape_from_strokes("traffic light", marks, light.seen_colour(DARK, z, 0.6), around)
        )
    return shapes


def _sign_panel(high: float, rng: np.random.Generator) -> list[tuple[Polygon, Colour]]:
    """A round or square sign with its centre ``high`` metres above the ground, and its pale inner part."""
    is_round = rng.random() < 0.5
    panel = disc(0, high, 0.36) if is_round else rectangle(-0.32, 0.32, high - 0.34, high + 0.34)
    inner = [(0.62 * x, high + 0.62 * (y - high)) for x, y in panel]
    return [(panel, pick_colour(rng)), (inner, (232, 230, 224))]


def _traffic_light(camera: Camera, light: Light, x: float, z: float, low: float) -> list[Stroke]:
    """A traffic light: a dark case, whose lower edge is at the height ``low`` in metres, and three lamps."""
    case = np.array(rectangle(-0.17, 0.17, low, low + 0.95))
    strokes = [Stroke(camera.project_drawing(case, x, z), light.seen_colour(DARK, z))]
    for i, tint in enumerate(((70, 170, 96), (214, 170, 60), (196, 56, 48))):
        lamp = np.array(disc(0, low + 0.18 + 0.3 * i, 0.11, 10))
        strokes.append(Stroke(camera.project_drawing(lamp, x, z), light.seen_colour(tint, z, 0.9)))
    return strokes


def traffic_island(camera: Camera, light: Light, x: float, z: float) -> LabelledShape:
    """A traffic island in the road, with the label sidewalk."""
    angles = np.arange(16) * (np.pi / 8)
    ring = np.stack([x + 0.75 * np.cos(angles), np.zeros(16), z + 1.1 * np.sin(angles)], axis=1)
    stroke = Stroke(camera.project(ring), light.seen_colour((182, 176, 168), z))
    return shape_from_strokes(
        "sidewalk",
        [stroke],
        light.seen_colour((150, 146, 140), z),
        Footprint.from_centre(x, z, 0.2, 0.2),
    )


def random_clutter(
    camera: Camera, light: Light, x: float, z: float, rng: np.random.Generator
) -> list[LabelledShape]:
    """A bin or a box. Its label, static, is void; it has the colours of other objects."""
    half, tall, colour = rng.uniform(0.25, 0.5), rng.uniform(0.7, 1.25), pick_colour(rng)
    parts = [
        (rectangle(-half, half, 0, tall), 0.95),
        (rectangle(-half, half, tall * 0.82, tall), 1.2),
        (rectangle(-half * 0.5, half * 0.5, tall * 0.3, tall * 0.6), 0.75),
    ]
    strokes = [
        Stroke(camera.project_drawing(np.array(points), x, z), light.seen_colour(colour, z, tone))
        for points, tone in parts
    ]
    edge, footprint = light.seen_colour(colour, z, 0.4), Footprint.from_centre(x, z, half, 0.3)
    return [shape_from_strokes("static", strokes, edge, footprint)]
