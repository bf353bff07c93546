"""The background of a scene: sky, ground and facades; and the hood of the car that carries the camera."""

from dataclasses import dataclass

import numpy as np

from bench.datasets.scenes.geometry import Camera, Colour, LabelledShape, Stroke
from bench.datasets.scenes.light import GLASS, LEAF, Light, pick_colour
from bench.datasets.scenes.prisms import rectangle

NEAREST, FARTHEST = 1.0, 75.0
"""Where the street begins and ends: distances from the camera along Z, in metres."""


@dataclass(frozen=True)
class Street:
    """The cross section of a street. All positions are along X in metres.

    road: the left and the right edge of the road.
    facades: the positions of the left and the right row of houses.
    lanes: the centre of each lane, and its heading in radians.
    parking: the centres of the left and the right strip of parked cars.

    In the methods ``hand`` is -1 for the left and 1 for the right side of the street.
    """

    road: tuple[float, float]
    facades: tuple[float, float]
    lanes: tuple[tuple[float, float], ...]
    parking: tuple[float, ...]

    def kerb_x(self, hand: int) -> float:
        """The position of the kerb on one side."""
        return self.road[(hand + 1) // 2]

    def facade_x(self, hand: int) -> float:
        """The position of the facades on one side."""
        return self.facades[(hand + 1) // 2]

    def pavement_width(self, hand: int) -> float:
        """The width of the pavement on one side."""
        return abs(self.facade_x(hand) - self.kerb_x(hand))


def random_street(rng: np.random.Generator) -> Street:
    """A random street: the camera is in a lane, with one or two oncoming lanes on its left."""
    lane, strip = 3.3, 2.3
    oncoming = int(rng.integers(1, 3))
    onward = 1 if rng.random() < 0.6 else 2
    lanes = [(-lane * (i + 1), np.pi) for i in range(oncoming)]
    lanes += [(lane * i, 0.0) for i in range(onward)]
    left, right = -lane * (oncoming + 0.5) - strip, lane * (onward - 0.5) + strip
    walks = rng.uniform(3.5, 6.5, size=2)
    parking = (left + strip / 2, right - strip / 2)
    facades = (left - float(walks[0]), right + float(walks[1]))
    return Street((left, right), facades, tuple(lanes), parking)


def _ground_quad(camera: Camera, x: tuple[float, float], z: tuple[float, float]) -> np.ndarray:
    """The corners (4, 2) in pixels of a rectangle on the ground, which spans ``x`` and ``z`` in metres."""
    corners = [(x[0], 0, z[0]), (x[0], 0, z[1]), (x[1], 0, z[1]), (x[1], 0, z[0])]
    return camera.project(np.array(corners, dtype=float))


def _wall_quad(
    camera: Camera, x: float, z: tuple[float, float], y: tuple[float, float]
) -> np.ndarray:
    """The corners (4, 2) in pixels of a wall along the street, which spans ``z`` and the heights ``y``."""
    corners = [(x, y[0], z[0]), (x, y[1], z[0]), (x, y[1], z[1]), (x, y[0], z[1])]
    return camera.project(np.array(corners, dtype=float))


def _background_shape(
    label: str, points: np.ndarray, colour: Colour, marks: list[Stroke] | None = None
) -> LabelledShape:
    """A polygon of the background.

    marks: strokes that are painted on the polygon; they must lie inside it.
    """
    outline = np.round(points).astype(int)
    return LabelledShape(label, outline, (Stroke(points, colour), *(marks or [])))


def sky_shapes(camera: Camera, light: Light, rng: np.random.Generator) -> list[LabelledShape]:
    """The sky, which becomes paler towards the horizon, and distant buildings and trees in front of it."""
    whole = np.array(rectangle(-1, camera.width, -1, camera.height))
    bands = _sky_gradient(camera, light, rng)
    return [_background_shape("sky", whole, light.haze, bands), *_skyline(camera, light, rng)]


def _sky_gradient(camera: Camera, light: Light, rng: np.random.Generator) -> list[Stroke]:
    """Horizontal bands, from a random blue at the top to the colour of the haze at the horizon."""
    high = np.array((rng.integers(104, 156), rng.integers(160, 206), rng.integers(214, 242)))
    bands = []
    right, rows = camera.width, 14
    for row in range(rows):
        share = row / (rows - 1)
        red, green, blue = (int(c) for c in high * (1 - share) + np.array(light.haze) * share)
        top, bottom = (camera.horizon * (row + shift) / rows for shift in (0, 1.2))
        bands.append(Stroke(np.array(rectangle(-1, right, top, bottom)), (red, green, blue)))
    return bands


def _skyline(camera: Camera, light: Light, rng: np.random.Generator) -> list[LabelledShape]:
    """Buildings and trees 110 m away, from left to right."""
    shapes = []
    x = -140.0
    while x < 140:
        wide, tall = rng.uniform(8, 22), rng.uniform(4, 17)
        leafy = rng.random() < 0.45
        colour = pick_colour(rng, LEAF) if leafy else pick_colour(rng)
        points = camera.project_drawing(np.array(rectangle(x, x + wide, -0.5, tall)), 0.0, 110.0)
        label = "vegetation" if leafy else "building"
        shapes.append(_background_shape(label, points, light.seen_colour(colour, 110.0, 0.9)))
        x += wide * rng.uniform(0.8, 1.05)
    return shapes


def ground_shapes(
    camera: Camera, light: Light, street: Street, rng: np.random.Generator
) -> list[LabelledShape]:
    """The ground: terrain everywhere, then the pavements, then the road with kerbs and lane markings.

    Shapes are in the order of painting.
    """
    grass, stone, tar = rng.uniform(0.9, 1.1, size=3)
    base = _ground_quad(camera, (-160, 160), (NEAREST, 110))
    terrain = _background_shape("terrain", base, light.seen_colour((126, 136, 96), 25, grass))
    pavements = [_pavement(camera, light, street, hand, stone) for hand in (-1, 1)]
    marks = _lane_markings(camera, light, street) + _kerbs(camera, light, street, stone)
    grey = light.seen_colour((112, 112, 116), 10, tar)
    road = _background_shape(
        "road", _ground_quad(camera, street.road, (NEAREST, FARTHEST)), grey, marks
    )
    return [terrain, *pavements, road]


def _pavement(
    camera: Camera, light: Light, street: Street, hand: int, stone: float
) -> LabelledShape:
    """The pavement on one side, with its seams. ``stone`` is the brightness."""
    kerb, facade = street.kerb_x(hand), street.facade_x(hand)
    sides = (min(kerb, facade), max(kerb, facade))
    seams = [
        Stroke(_ground_quad(camera, sides, (s, s + 0.05))[[0, 3]], (150, 146, 140), 1.0)
        for s in np.arange(4.0, 30.0, 2.0)
    ]
    outline = _ground_quad(camera, sides, (NEAREST, FARTHEST))
    return _background_shape(
        "sidewalk", outline, light.seen_colour((172, 166, 158), 12, stone), seams
    )


def _lane_markings(camera: Camera, light: Light, street: Street) -> list[Stroke]:
    """A dashed line at the left edge of each lane."""
    marks = []
    white = light.seen_colour((214, 212, 206), 10)
    for lane, _ in street.lanes:
        for start in np.arange(2.0, 60.0, 5.0):
            line = (lane - 1.72, lane - 1.58)
            marks.append(Stroke(_ground_quad(camera, line, (start, start + 2.6)), white))
    return marks


def _kerbs(camera: Camera, light: Light, street: Street, stone: float) -> list[Stroke]:
    """The kerbs at both edges of the road. ``stone`` is their brightness."""
    marks = []
    for hand in (-1, 1):
        kerb = street.kerb_x(hand)
        edge = (min(kerb, kerb - 0.22 * hand), max(kerb, kerb - 0.22 * hand))
        quad = _ground_quad(camera, edge, (NEAREST, FARTHEST))
        marks.append(Stroke(quad, light.seen_colour((190, 186, 180), 12, stone)))
    return marks


def _random_house(
    camera: Camera,
    light: Light,
    x: float,
    z: tuple[float, float],
    tall: float,
    rng: np.random.Generator,
) -> LabelledShape:
    """The facade of a house with windows. The house is ``tall`` metres high and spans ``z`` in metres."""
    normal = (-float(np.sign(x)), 0.0, 0.0)
    tone, colour = light.brightness(normal), pick_colour(rng)
    marks = []
    pane = pick_colour(rng) if rng.random() < 0.25 else GLASS
    for floor in np.arange(0.0, tall - 3.0, 3.1):
        for window, near in _floor_windows(camera, x, z, floor):
            marks.append(
                Stroke(window, light.seen_colour(pane, near, tone * rng.uniform(0.85, 1.2)))
            )
        band = _wall_quad(camera, x, z, (floor + 2.9, floor + 3.05))
        marks.append(Stroke(band, light.seen_colour(colour, z[0], tone * 0.8)))
    points = _wall_quad(camera, x, z, (0.0, tall))
    return _background_shape("building", points, light.seen_colour(colour, sum(z) / 2, tone), marks)


def _floor_windows(
    camera: Camera, x: float, z: tuple[float, float], floor: float
) -> list[tuple[np.ndarray, float]]:
    """The windows of one storey: for each its corners (4, 2) in pixels, and its distance in metres.

    floor: the height in metres at which the storey begins.
    """
    edges = np.linspace(z[0], z[1], max(int((z[1] - z[0]) / 2.6), 1) + 1)
    sill = floor + 0.4 if floor == 0 else floor + 1.0
    windows = []
    for near, far in zip(edges, edges[1:], strict=False):
        if near >= 5.5:
            pad = 0.24 * (far - near)
            quad = _wall_quad(camera, x, (near + pad, far - pad), (sill, floor + 2.5))
            windows.append((quad, near))
    return windows


def facade_shapes(
    camera: Camera, light: Light, street: Street, rng: np.random.Generator
) -> list[LabelledShape]:
    """Houses along both sides of the street, and gaps with a hedge, a wall or a fence between them.

    On each side the farthest shape comes first.
    """
    shapes = []
    for hand in (-1, 1):
        row, z, x = [], 1.6, street.facade_x(hand)
        while z < FARTHEST:
            deep = rng.uniform(7, 15)
            span = (z, z + deep)
            if rng.random() < 0.78:
                row.append(_random_house(camera, light, x, span, rng.uniform(6.5, 16), rng))
            else:
                row.append(_random_facade_gap(camera, light, x, span, rng))
            z += deep
        shapes += row[::-1]
    return shapes


def _random_facade_gap(
    camera: Camera, light: Light, x: float, span: tuple[float, float], rng: np.random.Generator
) -> LabelledShape:
    """A hedge, a wall or a fence that spans ``span`` along Z, in metres."""
    label = ("vegetation", "wall", "fence")[int(rng.integers(3))]
    tall = {"vegetation": rng.uniform(2.5, 5.0), "wall": 1.8, "fence": 1.5}[label]
    colour = pick_colour(rng, LEAF) if label == "vegetation" else pick_colour(rng)
    marks = []
    if label == "fence":
        for z in np.arange(max(span[0], 3.0), span[1] - 0.2, 0.6):
            bar = _wall_quad(camera, x, (z, z + 0.2), (0.0, tall))
            marks.append(Stroke(bar, light.seen_colour(colour, z, 0.7)))
    points = _wall_quad(camera, x, span, (0.0, tall))
    return _background_shape(label, points, light.seen_colour(colour, span[0], 0.95), marks)


def hood_shape(camera: Camera, rng: np.random.Generator) -> LabelledShape:
    """The hood of the car that carries the camera. Its label, ego vehicle, is void."""
    rise = camera.height * rng.uniform(0.03, 0.06)
    columns = np.linspace(-1, camera.width, 13)
    arch = camera.height - rise * (1 - 0.55 * np.linspace(-1, 1, 13) ** 2)
    top = np.round(np.stack([columns, arch], axis=1) * 16) / 16
    points = np.concatenate([top, [[camera.width, camera.height], [-1, camera.height]]])
    colour = pick_colour(rng)
    red, green, blue = (int(c * 0.45) for c in colour)
    return _background_shape("ego vehicle", points, (red, green, blue), [Stroke(top, colour, 1.5)])
