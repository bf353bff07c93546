"""Prisms, from which vehicles are built: a side profile extruded to a width, with details on its faces."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from bench.datasets.scenes.geometry import Camera, Colour, Stroke
from bench.datasets.scenes.light import DARK, GLASS, METAL, Light
from merge_impls.arrays import Float64Array

MATERIALS: dict[str, Colour] = {
    "glass": GLASS,
    "dark": DARK,
    "metal": METAL,
    "lamp": (240, 232, 200),
    "tail": (190, 48, 44),
    "white": (226, 226, 222),
}
"""The colour of each material, except "body" and "trim", whose colours a ``Prism`` has."""

Polygon = list[tuple[float, float]]
"""Points in metres."""


@dataclass(frozen=True)
class FaceDetail:
    """A polygon on a face of a prism, such as a window.

    points: in metres, (along, up) on a side of the prism, (across, up) on its front or rear.
    material: a name in ``MATERIALS``, or "body" or "trim".
    """

    points: Polygon
    material: str


@dataclass(frozen=True)
class Prism:
    """A side profile that is extruded to the width of a vehicle. Lengths are in metres.

    profile: points (along, up), clockwise from the lower rear corner.
    materials: the material of the face at each edge of the profile.
    body, trim: the colours of these two materials.
    taper, belt: above the height ``belt`` the prism narrows, to ``taper`` times its width at the roof.
    sides, front, rear: the details on these faces.
    """

    profile: Polygon
    half_width: float
    materials: list[str]
    body: Colour
    trim: Colour
    taper: float = 1.0
    belt: float = 1.0
    sides: list[FaceDetail] = field(default_factory=list)
    front: list[FaceDetail] = field(default_factory=list)
    rear: list[FaceDetail] = field(default_factory=list)

    def material_colour(self, material: str) -> Colour:
        """The colour of a material, before light and haze."""
        return {"body": self.body, "trim": self.trim}.get(material) or MATERIALS[material]

    def half_width_at(self, up: np.ndarray) -> np.ndarray:
        """Half the width at the heights ``up``, both in metres."""
        roof = max(height for _, height in self.profile)
        share = np.clip((up - self.belt) / max(roof - self.belt, 1e-6), 0, 1)
        return self.half_width * (1 - (1 - self.taper) * share)


@dataclass(frozen=True)
class Pose:
    """The position (x, z) of an object on the ground in metres, and its heading in radians.

    yaw: 0 points away from the camera.
    """

    x: float
    z: float
    yaw: float

    def world_points(self, along: ArrayLike, across: ArrayLike, up: ArrayLike) -> Float64Array:
        """Convert coordinates relative to the object, each (N,), to world points (N, 3)."""
        forward, right, height = np.broadcast_arrays(*map(np.atleast_1d, (along, across, up)))
        sine, cosine = np.sin(self.yaw), np.cos(self.yaw)
        x = self.x + forward * sine + right * cosine
        z = self.z + forward * cosine - right * sine
        return np.stack([x, height, z], axis=1)

    def world_direction(self, along: float, across: float, up: float) -> tuple[float, float, float]:
        """Rotate a direction relative to the object into world coordinates."""
        sine, cosine = np.sin(self.yaw), np.cos(self.yaw)
        return (along * sine + across * cosine, up, along * cosine - across * sine)


def _faces_camera(camera: Camera, points: np.ndarray, normal: tuple[float, float, float]) -> bool:
    """Whether the camera sees the front of a face with the corners ``points`` and this outward normal."""
    to_camera = np.array([0.0, camera.eye, 0.0]) - points.mean(axis=0)
    return float(to_camera @ np.array(normal)) > 0


def prism_strokes(prism: Prism, pose: Pose, camera: Camera, light: Light) -> list[Stroke]:
    """Strokes that paint the visible faces of a prism and the details on them, the farthest first."""
    strokes = _profile_edge_strokes(prism, pose, camera, light)
    strokes += _side_strokes(prism, pose, camera, light)
    for details, end in ((prism.rear, -1), (prism.front, 1)):
        strokes += _end_strokes(prism, details, end, pose, camera, light)
    return strokes


def _profile_edge_strokes(prism: Prism, pose: Pose, camera: Camera, light: Light) -> list[Stroke]:
    """Strokes of the faces at the edges of the profile: roof, hood, windscreens and ends."""
    profile = np.array(prism.profile)
    strips = []
    for a, b, material in zip(profile, np.roll(profile, -1, axis=0), prism.materials, strict=True):
        up = np.array([a[1], a[1], b[1], b[1]])
        across = prism.half_width_at(up) * np.array([-1, 1, 1, -1])
        points = pose.world_points(np.array([a[0], a[0], b[0], b[0]]), across, up)
        step = (b - a) / max(float(np.hypot(*(b - a))), 1e-6)
        normal = pose.world_direction(-float(step[1]), 0.0, float(step[0]))
        if _faces_camera(camera, points, normal):
            distance = float(points[:, 2].mean())
            colour = light.seen_colour(
                prism.material_colour(material), distance, light.brightness(normal)
            )
            strips.append((distance, Stroke(camera.project(points), colour)))
    return [stroke for _, stroke in sorted(strips, key=lambda strip: -strip[0])]


def _side_strokes(prism: Prism, pose: Pose, camera: Camera, light: Light) -> list[Stroke]:
    """Strokes of the left or the right side, if visible, and of its details."""
    strokes = []
    for hand in (-1, 1):
        normal = pose.world_direction(0.0, float(hand), 0.0)
        tone = light.brightness(normal)

        face = _side_points(prism, pose, hand, prism.profile)
        if not _faces_camera(camera, face, normal):
            continue
        depth = float(face[:, 2].mean())
        strokes.append(Stroke(camera.project(face), light.seen_colour(prism.body, depth, tone)))
        for detail in prism.sides:
            colour = light.seen_colour(prism.material_colour(detail.material), depth, tone)
            strokes.append(
                Stroke(camera.project(_side_points(prism, pose, hand, detail.points)), colour)
            )
    return strokes


def _side_points(prism: Prism, pose: Pose, hand: int, outline: Polygon) -> Float64Array:
    """The world points (N, 3) of points (along, up) on the left (``hand`` -1) or the right (1) side."""
    points = np.array(outline)
    return pose.world_points(points[:, 0], hand * prism.half_width_at(points[:, 1]), points[:, 1])


def _end_strokes(
    prism: Prism, details: list[FaceDetail], end: int, pose: Pose, camera: Camera, light: Light
) -> list[Stroke]:
    """Strokes of the details on the front (``end`` 1) or the rear (-1), if that end is visible."""
    along = end * max(end * point[0] for point in prism.profile)
    normal = pose.world_direction(float(end), 0.0, 0.0)
    corner = pose.world_points(along, 0.0, 0.8)
    if not details or not _faces_camera(camera, corner, normal):
        return []
    tone, depth = light.brightness(normal), float(corner[0, 2])
    strokes = []
    for detail in details:
        points = np.array(detail.points)
        colour = light.seen_colour(prism.material_colour(detail.material), depth, tone)
        placed = pose.world_points(along, points[:, 0], points[:, 1])
        strokes.append(Stroke(camera.project(placed), colour))
    return strokes


def rectangle(left: float, right: float, low: float, high: float) -> Polygon:
    """A rectangle with horizontal and vertical edges."""
    return [(left, low), (left, high), (right, high), (right, low)]


def disc(x: float, y: float, radius: float, corners: int = 14) -> Polygon:
    """A regular polygon that approximates a disc with the centre (x, y)."""
    angles = np.arange(corners) * (2 * np.pi / corners)
    return [(float(x + radius * np.cos(a)), float(y + radius * np.sin(a))) for a in angles]
