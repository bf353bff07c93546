"""What stands still in a street: sky, facades, ground, trees, posts, signs and clutter."""

from dataclasses import dataclass

import numpy as np

from bench.datasets.scenes.geometry import (
    Camera,
    Colour,
    Footprint,
    LabelledShape,
    Stroke,
    envelope,
    labelled_shape,
)
from bench.datasets.scenes.light import DARK, GLASS, METAL, Light, pick
from bench.datasets.scenes.prisms import box, disc

LEAF = ((92, 122, 70), (110, 136, 78), (76, 108, 74), (128, 132, 74))
NEAREST, FARTHEST = 1.0, 75.0


@dataclass(frozen=True)
class Street:
    """Where along X (metres) road and facades run; lanes as (centre, heading), parking strips."""

    road: tuple[float, float]
    facades: tuple[float, float]
    lanes: tuple[tuple[float, float], ...]
    parking: tuple[float, ...]

    def kerb(self, hand: int) -> float:
        return self.road[(hand + 1) // 2]

    def facade(self, hand: int) -> float:
        return self.facades[(hand + 1) // 2]

    def walk(self, hand: int) -> float:
        """How wide the pavement is."""
        return abs(self.facade(hand) - self.kerb(hand))


def random_street(rng: np.random.Generator) -> Street:
    """The camera drives in the right-hand lane; one or two lanes come towards it."""
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
    corners = [(x[0], 0, z[0]), (x[0], 0, z[1]), (x[1], 0, z[1]), (x[1], 0, z[0])]
    return camera.project(np.array(corners, dtype=float))


def _wall_quad(
    camera: Camera, x: float, z: tuple[float, float], y: tuple[float, float]
) -> np.ndarray:
    corners = [(x, y[0], z[0]), (x, y[1], z[0]), (x, y[1], z[1]), (x, y[0], z[1])]
    return camera.project(np.array(corners, dtype=float))


def _plain(
    label: str, points: np.ndarray, colour: Colour, marks: list[Stroke] | None = None
) -> LabelledShape:
    """A background polygon; its marks may not reach beyond it."""
    outline = np.round(points).astype(int)
    return LabelledShape(label, outline, (Stroke(points, colour), *(marks or [])))


def sky(camera: Camera, light: Light, rng: np.random.Generator) -> list[LabelledShape]:
    """A sky that pales towards the horizon, and what closes the street far away."""
    high = np.array((rng.integers(104, 156), rng.integers(160, 206), rng.integers(214, 242)))
    bands = []
    right, rows = camera.width, 14
    for row in range(rows):
        share = row / (rows - 1)
        red, green, blue = (int(c) for c in high * (1 - share) + np.array(light.haze) * share)
        top, bottom = (camera.horizon * (row + shift) / rows for shift in (0, 1.2))
        bands.append(Stroke(np.array(box(-1, right, top, bottom)), (red, green, blue)))
    whole = np.array(box(-1, camera.width, -1, camera.height))
    shapes = [_plain("sky", whole, light.haze, bands)]
    x = -140.0
    while x < 140:
        wide, tall = rng.uniform(8, 22), rng.uniform(4, 17)
        leafy = rng.random() < 0.45
        colour = pick(rng, LEAF) if leafy else pick(rng)
        points = camera.upright(np.array(box(x, x + wide, -0.5, tall)), 0.0, 110.0)
        label = "vegetation" if leafy else "building"
        shapes.append(_plain(label, points, light.at(colour, 110.0, 0.9)))
        x += wide * rng.uniform(0.8, 1.05)
    return shapes


def ground(
    camera: Camera, light: Light, street: Street, rng: np.random.Generator
) -> list[LabelledShape]:
    """Terrain everywhere, then pavements, road, kerbs and lane markings."""
    z = (NEAREST, FARTHEST)
    grass, stone, tar = rng.uniform(0.9, 1.1, size=3)
    base = _ground_quad(camera, (-160, 160), (NEAREST, 110))
    shapes = [_plain("terrain", base, light.at((126, 136, 96), 25, grass))]
    for hand in (-1, 1):
        kerb, facade = street.kerb(hand), street.facade(hand)
        sides = (min(kerb, facade), max(kerb, facade))
        seams = [
            Stroke(_ground_quad(camera, sides, (s, s + 0.05))[[0, 3]], (150, 146, 140), 1.0)
            for s in np.arange(4.0, 30.0, 2.0)
        ]
        walk = _ground_quad(camera, sides, z)
        shapes.append(_plain("sidewalk", walk, light.at((172, 166, 158), 12, stone), seams))
    marks = []
    grey, white = light.at((112, 112, 116), 10, tar), light.at((214, 212, 206), 10)
    for lane, _ in street.lanes:
        for start in np.arange(2.0, 60.0, 5.0):
            line = (lane - 1.72, lane - 1.58)
            marks.append(Stroke(_ground_quad(camera, line, (start, start + 2.6)), white))
    for hand in (-1, 1):
        kerb = street.kerb(hand)
        edge = (min(kerb, kerb - 0.22 * hand), max(kerb, kerb - 0.22 * hand))
        marks.append(Stroke(_ground_quad(camera, edge, z), light.at((190, 186, 180), 12, stone)))
    shapes.append(_plain("road", _ground_quad(camera, street.road, z), grey, marks))
    return shapes


def _facade(
    camera: Camera,
    light: Light,
    x: float,
    z: tuple[float, float],
    tall: float,
    rng: np.random.Generator,
) -> LabelledShape:
    normal = (-float(np.sign(x)), 0.0, 0.0)
    tone, colour = light.tone(normal), pick(rng)
    marks = []
    columns = max(int((z[1] - z[0]) / 2.6), 1)
    edges = np.linspace(z[0], z[1], columns + 1)
    pane = pick(rng) if rng.random() < 0.25 else GLASS
    for floor in np.arange(0.0, tall - 3.0, 3.1):
        for near, far in zip(edges, edges[1:], strict=False):
            if near < 5.5:
                continue
            pad = 0.24 * (far - near)
            low, high = (floor + 0.4, floor + 2.5) if floor == 0 else (floor + 1.0, floor + 2.5)
            quad = _wall_quad(camera, x, (near + pad, far - pad), (low, high))
            marks.append(Stroke(quad, light.at(pane, near, tone * rng.uniform(0.85, 1.2))))
        band = _wall_quad(camera, x, z, (floor + 2.9, floor + 3.05))
        marks.append(Stroke(band, light.at(colour, z[0], tone * 0.8)))
    points = _wall_quad(camera, x, z, (0.0, tall))
    return _plain("building", points, light.at(colour, sum(z) / 2, tone), marks)


def facades(
    camera: Camera, light: Light, street: Street, rng: np.random.Generator
) -> list[LabelledShape]:
    """Both sides of the street, far to near: houses, and gaps with a hedge, a wall or a fence."""
    shapes = []
    for hand in (-1, 1):
        row, z, x = [], 1.6, street.facade(hand)
        while z < FARTHEST:
            deep = rng.uniform(7, 15)
            span = (z, z + deep)
            if rng.random() < 0.78:
                row.append(_facade(camera, light, x, span, rng.uniform(6.5, 16), rng))
            else:
                row.append(_gap(camera, light, x, span, rng))
            z += deep
        shapes += row[::-1]
    return shapes


def _gap(
    camera: Camera, light: Light, x: float, span: tuple[float, float], rng: np.random.Generator
) -> LabelledShape:
    label = ("vegetation", "wall", "fence")[int(rng.integers(3))]
    tall = {"vegetation": rng.uniform(2.5, 5.0), "wall": 1.8, "fence": 1.5}[label]
    colour = pick(rng, LEAF) if label == "vegetation" else pick(rng)
    marks = []
    if label == "fence":
        for z in np.arange(max(span[0], 3.0), span[1] - 0.2, 0.6):
            bar = _wall_quad(camera, x, (z, z + 0.2), (0.0, tall))
            marks.append(Stroke(bar, light.at(colour, z, 0.7)))
    points = _wall_quad(camera, x, span, (0.0, tall))
    return _plain(label, points, light.at(colour, span[0], 0.95), marks)


def tree(
    camera: Camera, light: Light, x: float, z: float, rng: np.random.Generator
) -> list[LabelledShape]:
    """A trunk and a ragged crown, all of it vegetation."""
    tall, wide, colour = rng.uniform(4.2, 6.5), rng.uniform(1.2, 2.1), pick(rng, LEAF)
    thick = rng.uniform(0.12, 0.2)
    bark = light.at((98, 82, 68), z)
    strokes = [Stroke(camera.upright(np.array(box(-thick, thick, 0, tall * 0.7)), x, z), bark)]
    for _ in range(9):
        angle, reach = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.6)
        centre = (wide * reach * np.cos(angle), tall * 0.78 + 0.6 * wide * reach * np.sin(angle))
        blob = np.array(disc(*centre, wide * rng.uniform(0.4, 0.62), 11))
        tone = 1.0 + 0.22 * np.sin(angle) + rng.uniform(-0.06, 0.06)
        strokes.append(Stroke(camera.upright(blob, x, z), light.at(colour, z, tone)))
    # The crown hides all that is above it between trunk and leaves, so one envelope is honest.
    trunk, crown = strokes[:1], strokes[1:]
    around = Footprint.around(x, z, 0.3, 0.3)
    outline = envelope([stroke.points for stroke in crown])
    return [
        labelled_shape("vegetation", trunk, light.at((98, 82, 68), z, 0.5), around),
        LabelledShape("vegetation", outline, tuple(crown), light.at(colour, z, 0.55), around),
    ]


def post(
    camera: Camera, light: Light, x: float, z: float, rng: np.random.Generator
) -> list[LabelledShape]:
    """A lamp post, or a pole that carries a traffic sign or a traffic light."""
    half, tall = rng.uniform(0.06, 0.11), rng.uniform(3.2, 6.5)
    colour = METAL if rng.random() < 0.6 else pick(rng)
    parts = [(box(-half, half, 0, tall), 0.8), (box(-half, half * 0.2, 0, tall), 1.05)]
    strokes = [
        Stroke(camera.upright(np.array(points), x, z), light.at(colour, z, tone))
        for points, tone in parts
    ]
    around = Footprint.around(x, z, 0.2, 0.2)
    shapes = [labelled_shape("pole", strokes, light.at(colour, z, 0.4), around)]
    kind = rng.random()
    if kind < 0.3:
        high = min(tall, rng.uniform(2.5, 3.2))
        panel = (
            disc(0, high, 0.36)
            if rng.random() < 0.5
            else box(-0.32, 0.32, high - 0.34, high + 0.34)
        )
        inner = [(0.62 * px, high + 0.62 * (py - high)) for px, py in panel]
        tints = (light.at(pick(rng), z), light.at((232, 230, 224), z))
        marks = [
            Stroke(camera.upright(np.array(points), x, z), tint)
            for points, tint in zip((panel, inner), tints, strict=True)
        ]
        shapes.append(labelled_shape("traffic sign", marks, light.at(DARK, z), around))
    elif kind < 0.5:
        low = rng.uniform(2.3, 2.8)
        marks = [
            Stroke(
                camera.upright(np.array(box(-0.17, 0.17, low, low + 0.95)), x, z), light.at(DARK, z)
            )
        ]
        for i, tint in enumerate(((70, 170, 96), (214, 170, 60), (196, 56, 48))):
            lamp = np.array(disc(0, low + 0.18 + 0.3 * i, 0.11, 10))
            marks.append(Stroke(camera.upright(lamp, x, z), light.at(tint, z, 0.9)))
        shapes.append(labelled_shape("traffic light", marks, light.at(DARK, z, 0.6), around))
    return shapes


def island(camera: Camera, light: Light, x: float, z: float) -> LabelledShape:
    """The kerbed refuge that a pole in the middle of the road stands on."""
    angles = np.arange(16) * (np.pi / 8)
    ring = np.stack([x + 0.75 * np.cos(angles), np.zeros(16), z + 1.1 * np.sin(angles)], axis=1)
    stroke = Stroke(camera.project(ring), light.at((182, 176, 168), z))
    return labelled_shape(
        "sidewalk", [stroke], light.at((150, 146, 140), z), Footprint.around(x, z, 0.2, 0.2)
    )


def clutter(
    camera: Camera, light: Light, x: float, z: float, rng: np.random.Generator
) -> list[LabelledShape]:
    """A bin, a box or a crate: void, in the colours of everything else."""
    half, tall, colour = rng.uniform(0.25, 0.5), rng.uniform(0.7, 1.25), pick(rng)
    parts = [
        (box(-half, half, 0, tall), 0.95),
        (box(-half, half, tall * 0.82, tall), 1.2),
        (box(-half * 0.5, half * 0.5, tall * 0.3, tall * 0.6), 0.75),
    ]
    strokes = [
        Stroke(camera.upright(np.array(points), x, z), light.at(colour, z, tone))
        for points, tone in parts
    ]
    return [
        labelled_shape(
            "static", strokes, light.at(colour, z, 0.4), Footprint.around(x, z, half, 0.3)
        )
    ]


def hood(camera: Camera, rng: np.random.Generator) -> LabelledShape:
    """The camera's own car along the bottom edge ("ego vehicle", void)."""
    rise = camera.height * rng.uniform(0.03, 0.06)
    columns = np.linspace(-1, camera.width, 13)
    arch = camera.height - rise * (1 - 0.55 * np.linspace(-1, 1, 13) ** 2)
    top = np.round(np.stack([columns, arch], axis=1) * 16) / 16
    points = np.concatenate([top, [[camera.width, camera.height], [-1, camera.height]]])
    colour = pick(rng)
    red, green, blue = (int(c * 0.45) for c in colour)
    return _plain("ego vehicle", points, (red, green, blue), [Stroke(top, colour, 1.5)])
