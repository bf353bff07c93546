"""The camera, and the shapes of a scene. A shape has a labelled outline, and strokes that paint it.

World coordinates are in metres: X to the right, Y up, Z away from the camera, which stands at X = Z = 0.
The pixel coordinates (0, 0) are the centre of the top left pixel, as in PIL's polygons.
"""

from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import BoolArray

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

MIN_DEPTH = 0.6
"""The least distance from the camera in metres; nearer points are projected as if they were at it."""


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks along Z.

    width, height: the size of the picture in pixels.
    focal: the focal length in pixels.
    eye: the height of the camera above the ground in metres.
    horizon, centre: the row of the horizon and the column of X = 0, in pixels.
    """

    width: int
    height: int
    focal: float
    eye: float
    horizon: float
    centre: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project world points (N, 3) to pixel coordinates (N, 2).

        Coordinates are rounded to 1/16 pixel, so that they are the same on every machine.
        """
        points = np.asarray(points, dtype=np.float64)
        depth = np.maximum(points[:, 2], MIN_DEPTH)
        u = self.centre + self.focal * points[:, 0] / depth
        v = self.horizon + self.focal * (self.eye - points[:, 1]) / depth
        return np.round(np.stack([u, v], axis=1) * 16) / 16

    def project_drawing(
        self, points: np.ndarray, x: float, z: float, stretch: float = 1.0
    ) -> np.ndarray:
        """Project a flat drawing that faces the camera at (x, z) to pixel coordinates (N, 2).

        points: (N, 2), in metres to the right and up. stretch: a factor of the distances to the right.
        """
        points = np.asarray(points, dtype=np.float64)
        world = np.empty((len(points), 3))
        world[:, 0] = x + stretch * points[:, 0]
        world[:, 1] = points[:, 1]
        world[:, 2] = z
        return self.project(world)

    def pixel_column_of_ground_point(self, x: float, z: float) -> float:
        """The pixel column of the point (x, z) on the ground."""
        return self.centre + self.focal * x / z


@dataclass(frozen=True)
class Stroke:
    """A filled polygon of the photograph, or an open line if ``width`` is not 0.

    points: (N, 2), the pixel coordinates of the corners. width: the width of the line in pixels.
    """

    points: np.ndarray
    colour: Colour
    width: float = 0.0


@dataclass(frozen=True)
class Footprint:
    """The rectangle of ground on which an object stands, in metres.

    left, right: along X. near, far: along Z.
    """

    left: float
    right: float
    near: float
    far: float

    @classmethod
    def from_centre(cls, x: float, z: float, half_x: float, half_z: float) -> "Footprint":
        """The footprint with the centre (x, z) and these halves of its two sides."""
        return cls(x - half_x, x + half_x, z - half_z, z + half_z)

    def overlaps(self, other: "Footprint") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.near < other.far
            and other.near < self.far
        )

    def is_behind(self, other: "Footprint") -> bool:
        """Whether ``other`` hides this one wherever both project to the same pixels."""
        if self.near >= other.far:
            return True
        if other.near >= self.far:
            return False
        beyond_right = self.left >= other.right and self.left > 0
        beyond_left = self.right <= other.left and self.right < 0
        return beyond_right or beyond_left


@dataclass(frozen=True)
class LabelledShape:
    """A polygon of the annotation, and the strokes that paint it in the photograph.

    outline: (N, 2) int, the corners of the annotated polygon in pixels.
    edge: the colour of a line along the outline in the photograph; None: no line.
    footprint: the ground on which the object stands; None for the background.
    """

    label: str
    outline: np.ndarray
    strokes: tuple[Stroke, ...]
    edge: Colour | None = None
    footprint: Footprint | None = None


def outline_by_columns(polygons: list[np.ndarray]) -> np.ndarray:
    """The outline (N, 2) int of several connected polygons, in pixels.

    In each column of pixels the outline spans from the highest to the lowest point of all polygons. So the
    annotation covers everything that is painted, and gaps within a column are filled.
    """
    starts = np.concatenate([np.round(polygon) for polygon in polygons])
    ends = np.concatenate([np.roll(np.round(polygon), -1, axis=0) for polygon in polygons])
    columns = _columns_with_outline_points(starts)
    left = np.where(starts[:, :1] <= ends[:, :1], starts, ends)
    right = np.where(starts[:, :1] <= ends[:, :1], ends, starts)
    top, bottom = _top_and_bottom_rows(left, right, columns)
    upper = np.stack([columns, top], axis=1)
    lower = np.stack([columns, bottom], axis=1)[::-1]
    return drop_redundant_points(np.round(np.concatenate([upper, lower])).astype(int))


def _columns_with_outline_points(corners: np.ndarray) -> np.ndarray:
    """The columns in which the outline has points: at and beside each corner, at most 6 pixels apart."""
    low, high = corners[:, 0].min(), corners[:, 0].max()
    marks = np.concatenate([corners[:, 0] + shift for shift in (-1, 0, 1)])
    columns = np.unique(np.concatenate([marks, np.arange(low, high, 6.0)]))
    return np.asarray(columns[(columns >= low) & (columns <= high)])


def _top_and_bottom_rows(
    left: np.ndarray, right: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The top and the bottom row of polygon edges in each column.

    left, right: (N, 2), the left and the right end of each edge.
    """
    run = np.maximum(right[:, 0] - left[:, 0], 1e-9)
    share = (columns[None] - left[:, :1]) / run[:, None]
    inside = (columns[None] >= left[:, :1]) & (columns[None] <= right[:, :1])
    heights = left[:, 1:] + np.clip(share, 0, 1) * (right[:, 1:] - left[:, 1:])
    top = np.where(inside, heights, np.inf).min(axis=0)
    bottom = np.where(inside, heights, -np.inf).max(axis=0)
    # Of a vertical edge, whose ends are in one column, the interpolation above gives only the left end.
    for ends_of_edges in (left, right):
        index = np.searchsorted(columns, ends_of_edges[:, 0])
        np.minimum.at(top, index, ends_of_edges[:, 1])
        np.maximum.at(bottom, index, ends_of_edges[:, 1])
    return top, bottom


def drop_redundant_points(outline: np.ndarray) -> np.ndarray:
    """The same closed outline, without repeated points and without points inside straight lines."""
    outline = outline[np.any(outline != np.roll(outline, 1, axis=0), axis=1)]
    if len(outline) < 3:
        return outline
    before = outline - np.roll(outline, 1, axis=0)
    after = np.roll(outline, -1, axis=0) - outline
    bends: BoolArray = before[:, 0] * after[:, 1] != before[:, 1] * after[:, 0]
    return np.asarray(outline[bends])


def shape_from_strokes(
    label: str, strokes: list[Stroke], edge: Colour | None, footprint: Footprint | None = None
) -> LabelledShape:
    """A shape whose outline encloses all its strokes (see :func:`outline_by_columns`)."""
    outline = outline_by_columns([stroke.points for stroke in strokes])
    return LabelledShape(label, outline, tuple(strokes), edge, footprint)
