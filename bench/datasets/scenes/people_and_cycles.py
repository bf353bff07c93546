"""Flat drawings of people, bicycles, motorcycles and riders, which face the camera.

A drawing is a list of ``DrawingPart``, painted in this order. ``shape_from_drawing`` places it in a scene.
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
from bench.datasets.scenes.light import DARK, GLASS, HAIR, METAL, SKIN, Light, pick_colour
from bench.datasets.scenes.prisms import Polygon, disc, rectangle

DrawingPart = tuple[Polygon, Colour, float]
"""A polygon with points (right, up) in metres, its colour, and its tone, a factor of the brightness."""


def _tapering_bar(
    a: tuple[float, float], b: tuple[float, float], wide: float, narrow: float
) -> Polygon:
    """A bar from ``a``, where it is ``wide`` metres across, to ``b``, where it is ``narrow``."""
    step = np.array(b) - np.array(a)
    side = np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1e-6) / 2
    corners = [a - side * wide, a + side * wide, b + side * narrow, b - side * narrow]
    return [(float(x), float(y)) for x, y in corners]


def random_person(rng: np.random.Generator) -> list[DrawingPart]:
    """A standing or walking person with the feet at (0, 0)."""
    size = rng.uniform(0.93, 1.06) if rng.random() < 0.85 else rng.uniform(0.68, 0.8)
    top, trousers, skin, hair = (
        pick_colour(rng),
        pick_colour(rng),
        pick_colour(rng, SKIN),
        pick_colour(rng, HAIR),
    )
    lean = rng.uniform(-0.04, 0.04)
    # Hands are farther out than the feet if the person stands, and in front of the body if the person walks.
    walks = rng.random() < 0.5
    stride = rng.uniform(0.2, 0.34) if walks else rng.uniform(0.08, 0.12)
    back, fore = (-0.14, 0.16) if walks else (-0.31, 0.31)
    parts = _legs(stride, trousers)
    parts.append((_tapering_bar((-0.2 + lean, 1.4), (back, 0.86), 0.13, 0.1), top, 0.75))
    if rng.random() < 0.25:
        parts.append(([(-0.2, 1.3), (0.2, 1.3), (0.33, 0.5), (-0.33, 0.5)], top, 0.92))
    parts.append((_torso(lean), top, 1.0))
    if rng.random() < 0.3:
        parts.append((rectangle(-0.15, 0.13, 1.0, 1.4), pick_colour(rng), 0.85))
    parts += [
        (_tapering_bar((0.2 + lean, 1.4), (fore, 0.86), 0.13, 0.1), top, 1.15),
        (disc(fore, 0.84, 0.06, 8), skin, 1.0),
        *_head(lean, skin, hair),
    ]
    return _scale_drawing(parts, size)


def _legs(stride: float, trousers: Colour) -> list[DrawingPart]:
    return [
        (_tapering_bar((-0.05, 0.92), (-stride, 0.06), 0.22, 0.14), trousers, 0.82),
        (_tapering_bar((0.05, 0.92), (stride * 0.9, 0.06), 0.22, 0.14), trousers, 1.0),
        (rectangle(-stride - 0.07, -stride + 0.11, 0.0, 0.1), DARK, 1.0),
        (rectangle(stride * 0.9 - 0.06, stride * 0.9 + 0.11, 0.0, 0.1), DARK, 1.0),
    ]


def _head(lean: float, skin: Colour, hair: Colour) -> list[DrawingPart]:
    mop = [(-0.14 + lean, 1.66), (-0.11 + lean, 1.79), (0.1 + lean, 1.8), (0.14 + lean, 1.68)]
    return [
        (rectangle(-0.05 + lean, 0.05 + lean, 1.44, 1.56), skin, 0.9),
        (disc(lean, 1.65, 0.13), skin, 1.0),
        (mop, hair, 1.0),
    ]


def _torso(lean: float) -> Polygon:
    return [
        (-0.19, 0.84),
        (-0.25 + lean, 1.4),
        (-0.1, 1.5),
        (0.1, 1.5),
        (0.25 + lean, 1.4),
        (0.19, 0.84),
    ]


def random_bicycle(rng: np.random.Generator) -> list[DrawingPart]:
    """A bicycle seen from the side, with its front to the right. The wheels are filled discs."""
    body, tyre = pick_colour(rng), (70, 70, 74)
    frame = [(-0.54, 0.34), (-0.2, 0.86), (0.36, 0.9), (0.54, 0.36), (-0.02, 0.26)]
    inner = [(-0.1, 0.34), (-0.14, 0.74), (0.3, 0.78)]
    parts: list[DrawingPart] = []
    for hub in (-0.54, 0.54):
        parts += [(disc(hub, 0.34, 0.34), tyre, 0.62), (disc(hub, 0.34, 0.27), METAL, 0.82)]
        parts += [(disc(hub, 0.34, 0.07, 8), tyre, 0.8)]
    parts += [
        (frame, body, 1.0),
        (inner, body, 0.55),
        (disc(-0.02, 0.28, 0.1, 8), DARK, 1.0),
        (rectangle(-0.34, -0.08, 0.86, 0.95), DARK, 1.0),
        (_tapering_bar((0.36, 0.86), (0.3, 1.06), 0.08, 0.08), METAL, 0.9),
        (rectangle(0.2, 0.44, 1.02, 1.1), DARK, 1.0),
    ]
    if rng.random() < 0.4:
        parts.append((rectangle(0.4, 0.72, 0.72, 0.98), pick_colour(rng), 0.8))
    return parts


def random_motorcycle(rng: np.random.Generator) -> list[DrawingPart]:
    """A motorcycle or a scooter seen from the side, with its front to the right."""
    body, trim = pick_colour(rng), pick_colour(rng)
    parts: list[DrawingPart] = []
    for hub in (-0.68, 0.68):
        parts += [(disc(hub, 0.31, 0.31), DARK, 0.9), (disc(hub, 0.31, 0.17, 10), METAL, 0.9)]
    parts += _motorcycle_body(body) if rng.random() < 0.5 else _scooter_body(body, trim)
    parts += [
        (rectangle(0.16, 0.42, 1.0, 1.08), DARK, 1.0),
        (disc(0.58, 0.86, 0.09, 8), (240, 232, 200), 1.0),
    ]
    return parts


def _motorcycle_body(body: Colour) -> list[DrawingPart]:
    """Engine, saddle, tank, fork, fairing and exhaust of a motorcycle."""
    engine = [(-0.7, 0.4), (-0.3, 0.62), (0.3, 0.62), (0.55, 0.4), (0.3, 0.2), (-0.35, 0.2)]
    return [
        (engine, METAL, 0.6),
        (disc(0.0, 0.42, 0.19, 10), METAL, 0.95),
        ([(-0.95, 0.72), (-0.85, 0.86), (-0.1, 0.8), (-0.1, 0.6), (-0.5, 0.58)], DARK, 1.2),
        ([(-0.15, 0.6), (-0.12, 0.84), (0.1, 0.98), (0.38, 0.92), (0.42, 0.62)], body, 1.0),
        (_tapering_bar((0.42, 0.95), (0.7, 0.33), 0.12, 0.09), METAL, 0.9),
        ([(0.35, 0.9), (0.3, 1.1), (0.45, 1.22), (0.62, 0.86), (0.52, 0.7)], body, 0.85),
        (rectangle(-0.9, 0.0, 0.24, 0.33), METAL, 1.1),
    ]


def _scooter_body(body: Colour, trim: Colour) -> list[DrawingPart]:
    """Rear, floor, leg shield, seat, windscreen and top case of a scooter."""
    return [
        ([(-0.92, 0.4), (-0.86, 0.76), (-0.1, 0.72), (0.0, 0.34), (-0.4, 0.3)], body, 1.0),
        (rectangle(-0.3, 0.5, 0.2, 0.36), body, 0.75),
        ([(0.36, 0.22), (0.3, 0.9), (0.48, 1.06), (0.62, 0.5), (0.55, 0.3)], body, 0.92),
        (rectangle(-0.9, -0.05, 0.74, 0.86), DARK, 1.2),
        ([(0.34, 1.0), (0.3, 1.34), (0.42, 1.34), (0.5, 1.02)], GLASS, 1.2),
        (rectangle(-1.02, -0.72, 0.86, 1.16), trim, 0.9),
    ]


def random_rider(rng: np.random.Generator, motor: bool) -> list[DrawingPart]:
    """A rider who sits on a drawing of ``random_motorcycle`` (``motor``) or else of ``random_bicycle``."""
    top, trousers, skin, helmet = (
        pick_colour(rng),
        pick_colour(rng),
        pick_colour(rng, SKIN),
        pick_colour(rng),
    )
    hip = (-0.3, 0.84) if motor else (-0.22, 0.95)
    knee, foot = ((0.12, 0.74), (-0.02, 0.3)) if motor else ((0.14, 0.72), (-0.02, 0.2))
    hand = (0.28, 1.06)
    lean = rng.uniform(0.1, 0.3) if motor else rng.uniform(0.16, 0.36)
    neck = (hip[0] + lean, hip[1] + 0.58)
    shoulder = (neck[0] - 0.02, neck[1] - 0.06)
    head = (neck[0] + 0.05, neck[1] + 0.15)
    return [
        (_tapering_bar(hip, knee, 0.26, 0.19), trousers, 0.8),
        (_tapering_bar((hip[0] + 0.02, hip[1] - 0.04), knee, 0.24, 0.19), trousers, 1.0),
        (_tapering_bar((knee[0] - 0.03, knee[1] + 0.06), foot, 0.19, 0.13), trousers, 1.0),
        (rectangle(foot[0] - 0.08, foot[0] + 0.2, foot[1] - 0.08, foot[1] + 0.05), DARK, 1.0),
        (_tapering_bar((hip[0], hip[1] - 0.1), neck, 0.36, 0.4), top, 1.0),
        (disc(hip[0], hip[1], 0.17, 10), trousers, 0.95),
        (_tapering_bar(shoulder, hand, 0.16, 0.1), top, 1.18),
        (disc(hand[0], hand[1], 0.06, 8), skin, 1.0),
        (disc(head[0], head[1], 0.14), skin, 1.0),
        (disc(head[0] - 0.02, head[1] + 0.06, 0.145 if motor else 0.13), helmet, 1.0),
        (rectangle(head[0] + 0.0, head[0] + 0.15, head[1] - 0.04, head[1] + 0.06), skin, 0.95),
    ]


def _scale_drawing(parts: list[DrawingPart], size: float) -> list[DrawingPart]:
    """The drawing with all coordinates multiplied by ``size``."""
    return [
        ([(x * size, y * size) for x, y in points], colour, tone) for points, colour, tone in parts
    ]


def shape_from_drawing(
    label: str,
    parts: list[DrawingPart],
    place: tuple[float, float],
    camera: Camera,
    light: Light,
    stretch: float = 1.0,
    thickness: float = 0.25,
) -> LabelledShape:
    """The shape of a drawing that stands at ``place`` (x, z) in metres. Its outline encloses all parts.

    stretch: a factor of the width, -1 to 1. Objects that are seen obliquely are narrower; a negative factor
        mirrors the drawing.
    thickness: half the depth of the footprint in metres.
    """
    x, z = place
    strokes = [
        Stroke(
            camera.project_drawing(np.array(points), x, z, stretch),
            light.seen_colour(colour, z, tone),
        )
        for points, colour, tone in parts
    ]
    widest = max(abs(stretch * point[0]) for points, _, _ in parts for point in points)
    footprint = Footprint.from_centre(x, z, widest, thickness)
    return shape_from_strokes(label, strokes, light.seen_colour(parts[-1][1], z, 0.3), footprint)
