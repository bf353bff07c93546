"""Random cars, trucks, buses and trams, each built from one or two prisms.

All lengths are in metres. Positions along a vehicle are 0 at its middle and positive towards its front.
``half`` is half the width, ``end`` half the length, ``top`` the height of the roof, ``belt`` the height of
the lower edge of the windows.
"""

from dataclasses import dataclass

import numpy as np

from bench.datasets.scenes.geometry import (
    Camera,
    Footprint,
    LabelledShape,
    Stroke,
    shape_from_strokes,
)
from bench.datasets.scenes.light import Light, pick_colour
from bench.datasets.scenes.prisms import FaceDetail, Pose, Prism, disc, prism_strokes, rectangle


@dataclass(frozen=True)
class Vehicle:
    """A vehicle: its label, its prisms from rear to front, and its length and width."""

    label: str
    prisms: list[Prism]
    length: float
    width: float

    def footprint(self, pose: Pose) -> Footprint:
        """The bounding rectangle of the vehicle on the ground."""
        sine, cosine = abs(np.sin(pose.yaw)), abs(np.cos(pose.yaw))
        half_x = (self.length * sine + self.width * cosine) / 2
        half_z = (self.length * cosine + self.width * sine) / 2
        return Footprint.from_centre(pose.x, pose.z, half_x, half_z)

    def shape_seen_by(self, pose: Pose, camera: Camera, light: Light) -> LabelledShape:
        """The shape of the vehicle in the picture of the camera."""
        order = self.prisms if np.cos(pose.yaw) < 0 else self.prisms[::-1]
        strokes: list[Stroke] = []
        for prism in order:
            strokes += prism_strokes(prism, pose, camera, light)
        edge = light.seen_colour(self.prisms[0].body, pose.z, 0.42)
        return shape_from_strokes(self.label, strokes, edge, self.footprint(pose))


def _wheels(places: list[float], radius: float) -> list[FaceDetail]:
    """Wheels on a side, at these places along it: for each a tyre and a rim."""
    wheels = []
    for along in places:
        wheels.append(FaceDetail(disc(along, radius, radius), "dark"))
        wheels.append(FaceDetail(disc(along, radius, radius * 0.52, 10), "metal"))
    return wheels


def _tyres_and_shade(half: float, size: float) -> list[FaceDetail]:
    """The shade under a vehicle and two tyres, below a bumper at the height ``size``."""
    return [
        FaceDetail(rectangle(-0.9 * half, 0.9 * half, size * 0.3, size), "dark"),
        *_mirrored_rectangles(0.6 * half, 0.95 * half, 0, size, "dark"),
    ]


def _mirrored_rectangles(
    inner: float, outer: float, low: float, high: float, material: str
) -> list[FaceDetail]:
    """Two rectangles on a front or rear, at distances ``inner`` to ``outer`` left and right of its middle."""
    return [
        FaceDetail(rectangle(-outer, -inner, low, high), material),
        FaceDetail(rectangle(inner, outer, low, high), material),
    ]


def _windows(edges: np.ndarray, gap: float, low: float, high: float) -> list[FaceDetail]:
    """A row of windows on a side, one between each two successive ``edges`` along it."""
    spans = zip(edges, edges[1:], strict=False)
    return [FaceDetail(rectangle(a + gap, b - gap, low, high), "glass") for a, b in spans]


# One row for each of hatchback, saloon, estate and van. The first four numbers are positions along the car as
# shares of half its length: where the rear window begins and ends, where the roof ends, and where the
# windscreen meets the hood. The last number is the height.
_CAR_FORMS = (
    (-0.97, -0.74, 0.12, 0.50, 1.45),
    (-0.60, -0.36, 0.12, 0.48, 1.42),
    (-0.99, -0.90, 0.14, 0.50, 1.50),
    (-0.99, -0.93, 0.34, 0.66, 1.85),
)


def random_car(rng: np.random.Generator) -> Vehicle:
    """A random hatchback, saloon, estate or van."""
    *shares, usual_height = _CAR_FORMS[int(rng.integers(len(_CAR_FORMS)))]
    length, height = rng.uniform(3.8, 4.6), usual_height * rng.uniform(0.97, 1.05)
    half, end = rng.uniform(0.84, 0.93), length / 2
    belt = 0.62 * height
    w, r, f, s = (share * end for share in shares)
    profile = [(-end, 0.28), (-end, belt), (w, belt * 1.02), (r, height), (f, height)]
    profile += [(s, belt * 1.02), (end * 0.96, belt * 0.8), (end, 0.28)]
    materials = ["body", "body", "glass", "body", "glass", "body", "body", "dark"]
    sides = [
        FaceDetail(rectangle(-end * 0.9, end * 0.9, 0.1, 0.3), "dark"),
        *_car_windows((w, r, f, s), belt * 1.06, height * 0.94),
        *_wheels([-end * 0.62, end * 0.64], 0.32),
    ]
    front, rear = _car_front(half, belt), _car_rear(half, belt)
    body = Prism(
        profile, half, materials, pick_colour(rng), pick_colour(rng), 0.74, belt, sides, front, rear
    )
    return Vehicle("car", [body], length, 2 * half)


def _car_windows(
    roofline: tuple[float, float, float, float], low: float, top: float
) -> list[FaceDetail]:
    """The two side windows, from ``low`` to ``top``, and the gap between the doors below them.

    roofline: the first four numbers of a row of ``_CAR_FORMS``, times ``end``.
    """
    w, r, f, s = roofline
    middle = (r + f) / 2
    rear = [(w * 0.9, low), (r * 0.94, top), (middle - 0.05, top), (middle - 0.05, low)]
    front = [(middle + 0.05, low), (middle + 0.05, top), (f * 0.92, top), (s * 0.9, low)]
    gap = rectangle(middle - 0.03, middle + 0.01, 0.35, low)
    return [FaceDetail(rear, "glass"), FaceDetail(front, "glass"), FaceDetail(gap, "dark")]


def _car_rear(half: float, belt: float) -> list[FaceDetail]:
    return [
        *_tyres_and_shade(half, 0.3),
        *_mirrored_rectangles(half * 0.66, half * 0.98, belt * 0.72, belt * 0.95, "tail"),
        FaceDetail(rectangle(-0.26, 0.26, belt * 0.55, belt * 0.7), "white"),
    ]


def _car_front(half: float, belt: float) -> list[FaceDetail]:
    return [
        *_tyres_and_shade(half, 0.28),
        *_mirrored_rectangles(half * 0.55, half * 0.95, belt * 0.58, belt * 0.76, "lamp"),
        FaceDetail(rectangle(-half * 0.5, half * 0.5, belt * 0.5, belt * 0.7), "dark"),
    ]


def random_truck(rng: np.random.Generator) -> Vehicle:
    """A random truck: a cab and, behind a gap, a high closed box or a low open bed."""
    length, half = rng.uniform(6.0, 8.0), rng.uniform(1.1, 1.22)
    end = length / 2
    top = rng.uniform(3.0, 3.5) if rng.random() < 0.75 else rng.uniform(1.9, 2.2)
    split = end - 1.9
    prisms = [_truck_load(rng, -end, split, top, half), _truck_cab(rng, split, end, half)]
    return Vehicle("truck", prisms, length, 2 * half)


def _truck_load(
    rng: np.random.Generator, rear: float, split: float, top: float, half: float
) -> Prism:
    """The box or the bed of a truck, from ``rear`` to shortly before the cab, which begins at ``split``."""
    panels = np.linspace(rear, split - 0.35, 5)[1:-1]
    return Prism(
        [(rear, 0.75), (rear, top), (split - 0.35, top), (split - 0.35, 0.75)],
        half,
        ["body", "body", "body", "dark"],
        pick_colour(rng),
        pick_colour(rng),
        sides=[
            FaceDetail(rectangle(rear, split + 0.3, 0.45, 0.8), "dark"),
            *[FaceDetail(rectangle(p - 0.04, p + 0.04, 0.85, top - 0.1), "dark") for p in panels],
            *_wheels([rear + 0.8, rear + 1.75], 0.46),
        ],
        rear=[
            *_tyres_and_shade(half, 0.72),
            FaceDetail(rectangle(-0.04, 0.04, 0.8, top - 0.1), "dark"),
            *_mirrored_rectangles(half * 0.86, half * 0.9, 0.9, top - 0.2, "metal"),
            *_mirrored_rectangles(half * 0.7, half * 0.95, 0.55, 0.75, "tail"),
        ],
    )


def _truck_cab(rng: np.random.Generator, split: float, end: float, half: float) -> Prism:
    window = [(split + 0.5, 1.55), (split + 0.5, 2.3), (end - 0.4, 2.3), (end - 0.15, 1.55)]
    return Prism(
        [(split, 0.5), (split, 2.5), (end - 0.35, 2.5), (end, 1.6), (end, 0.5)],
        half * 0.97,
        ["body", "body", "glass", "body", "dark"],
        pick_colour(rng),
        pick_colour(rng),
        sides=[
            FaceDetail(window, "glass"),
            FaceDetail(rectangle(split + 0.42, split + 0.47, 0.6, 2.35), "dark"),
            *_wheels([end - 0.85], 0.46),
        ],
        front=[
            *_tyres_and_shade(half, 0.5),
            FaceDetail(rectangle(-half * 0.6, half * 0.6, 0.85, 1.35), "dark"),
            *_mirrored_rectangles(half * 0.65, half * 0.92, 0.65, 0.88, "lamp"),
        ],
    )


def random_bus(rng: np.random.Generator) -> Vehicle:
    """A random city bus: a long box with a row of windows, two doors and a tall windscreen."""
    length, half, top = rng.uniform(8.5, 10.5), rng.uniform(1.2, 1.28), rng.uniform(2.9, 3.15)
    end = length / 2
    profile = [(-end, 0.32), (-end, top - 0.1), (-end + 0.15, top), (end - 0.2, top)]
    profile += [(end, top - 0.2), (end, 0.32)]
    body = Prism(
        profile,
        half,
        ["body", "body", "body", "body", "body", "dark"],
        pick_colour(rng),
        pick_colour(rng),
        sides=_bus_sides(end, top),
        front=_bus_front(half, top),
        rear=_bus_rear(half, top),
    )
    return Vehicle("bus", [body], length, 2 * half)


def _bus_sides(end: float, top: float) -> list[FaceDetail]:
    edges = np.linspace(-end + 0.5, end - 0.4, 7)
    doors = [rectangle(edges[i] + 0.1, edges[i] + 1.0, 0.35, top - 0.42) for i in (2, 5)]
    return [
        FaceDetail(rectangle(-end, end, 0.9, 1.15), "trim"),
        FaceDetail(rectangle(-end + 0.2, end - 0.2, 0.15, 0.36), "dark"),
        *_windows(edges, 0.08, 1.35, top - 0.42),
        *[FaceDetail(door, "glass") for door in doors],
        *_wheels([-end + 2.0, end - 2.1], 0.46),
    ]


def _bus_front(half: float, top: float) -> list[FaceDetail]:
    return [
        *_tyres_and_shade(half, 0.36),
        FaceDetail(rectangle(-half * 0.92, half * 0.92, 1.15, top - 0.55), "glass"),
        FaceDetail(rectangle(-half * 0.6, half * 0.6, top - 0.5, top - 0.2), "dark"),
        *_mirrored_rectangles(half * 0.62, half * 0.92, 0.55, 0.8, "lamp"),
    ]


def _bus_rear(half: float, top: float) -> list[FaceDetail]:
    return [
        *_tyres_and_shade(half, 0.36),
        FaceDetail(rectangle(-half * 0.8, half * 0.8, 1.75, top - 0.5), "glass"),
        FaceDetail(rectangle(-half * 0.7, half * 0.7, 0.6, 1.25), "dark"),
        *_mirrored_rectangles(half * 0.8, half * 0.97, 0.7, 1.5, "tail"),
    ]


def random_tram(rng: np.random.Generator) -> Vehicle:
    """A random tram, with Cityscapes' label "train": a long body with slanted ends, and a pantograph."""
    length, half, top = rng.uniform(12.0, 16.0), rng.uniform(1.18, 1.28), rng.uniform(3.2, 3.5)
    end, nose = length / 2, 0.9
    profile = [(-end, 0.12), (-end, 1.2), (-end + nose, top)]
    profile += [(end - nose, top), (end, 1.2), (end, 0.12)]
    face = _tram_face(half)
    body = Prism(
        profile,
        half,
        ["body", "glass", "metal", "glass", "body", "dark"],
        pick_colour(rng),
        pick_colour(rng),
        0.86,
        1.2,
        sides=_tram_sides(end, nose, top),
        front=face,
        rear=face,
    )
    return Vehicle("train", [_pantograph(top), body], length, 2 * half)


def _tram_face(half: float) -> list[FaceDetail]:
    """The details on either end of a tram."""
    return [
        FaceDetail(rectangle(-half * 0.8, half * 0.8, 0.18, 0.42), "dark"),
        *_mirrored_rectangles(half * 0.5, half * 0.8, 0.7, 0.95, "lamp"),
        FaceDetail(rectangle(-0.14, 0.14, 0.95, 1.18), "lamp"),
    ]


def _tram_sides(end: float, nose: float, top: float) -> list[FaceDetail]:
    joints = np.linspace(-end, end, 4)[1:-1]
    return [
        FaceDetail(rectangle(-end, end, 0.12, 0.55), "trim"),
        FaceDetail(rectangle(-end + nose, end - nose, top - 0.28, top), "metal"),
        *_windows(np.linspace(-end + 1.4, end - 1.4, 10), 0.06, 1.45, top - 0.7),
        *[FaceDetail(rectangle(j - 0.22, j + 0.22, 0.15, top - 0.05), "dark") for j in joints],
    ]


def _pantograph(top: float) -> Prism:
    """The current collector on the roof."""
    profile = [(-0.9, top), (-0.3, top + 0.75), (0.3, top + 0.75), (0.9, top)]
    return Prism(profile, 0.35, ["dark"] * 4, (56, 56, 60), (56, 56, 60))


VEHICLES = {"car": random_car, "truck": random_truck, "bus": random_bus, "train": random_tram}
"""The function that makes a random vehicle, by label."""
