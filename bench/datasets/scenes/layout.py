"""Collects the objects on the ground of a scene.

A layout decides whether a place is still free, and in which order the objects are painted.
"""

from dataclasses import dataclass, field

import numpy as np

from bench.datasets.scenes.geometry import Camera, Footprint, LabelledShape
from bench.datasets.scenes.light import Light
from bench.datasets.scenes.prisms import Pose
from bench.datasets.scenes.scenery import Street
from bench.datasets.scenes.vehicles import Vehicle


@dataclass
class StreetLayout:
    """All objects that stand on the ground of a scene.

    groups: for each object or pair of objects, the footprint, and the shapes that stand on this footprint.
        The shapes of a group are painted directly one after another, such as a bicycle and its rider.
    """

    camera: Camera
    light: Light
    street: Street
    rng: np.random.Generator
    groups: list[tuple[Footprint, list[LabelledShape]]] = field(default_factory=list)

    def is_free(self, footprint: Footprint) -> bool:
        """Whether the footprint overlaps no other footprint."""
        return not any(footprint.overlaps(other) for other, _ in self.groups)

    def is_in_view(self, x: float, z: float, margin: float = 0.02) -> bool:
        """Whether the point (x, z) of the ground projects between the left and right edges of the picture.

        margin: a share of the picture's width. Points that project nearer to an edge are not in view.
        """
        column = self.camera.pixel_column_of_ground_point(x, z) / self.camera.width
        return margin < column < 1 - margin

    def add_group(self, shapes: list[LabelledShape], footprint: Footprint | None = None) -> None:
        """Add a group of shapes. If ``footprint`` is None, the footprint of the first shape is taken."""
        ground = footprint or shapes[0].footprint
        if ground is None:
            raise TypeError(f"{shapes[0].label}: the shape has no footprint; give one")
        self.groups.append((ground, shapes))

    def place_vehicle_if_free(self, vehicle: Vehicle, pose: Pose, margin: float = 0.02) -> bool:
        """Place a vehicle if its place is free, in view and far enough away. Returns whether it was placed.

        The footprint must overlap no other footprint and be farther than 4.5 m from the camera along Z. The
        centre of the vehicle must be in view, with ``margin`` as in ``is_in_view``.
        """
        footprint = vehicle.footprint(pose)
        visible = self.is_in_view(pose.x, pose.z, margin) and footprint.near > 4.5
        if not (visible and self.is_free(footprint)):
            return False
        self.add_group([vehicle.shape_seen_by(pose, self.camera, self.light)], footprint)
        return True

    def shapes_in_painting_order(self) -> list[LabelledShape]:
        """All shapes in the order of painting: a shape that others hide comes before these others."""
        waiting = sorted(self.groups, key=lambda group: -group[0].near)
        ordered: list[LabelledShape] = []
        while waiting:
            index = next(
                (
                    i
                    for i, (foot, _) in enumerate(waiting)
                    if not any(o.is_behind(foot) for j, (o, _) in enumerate(waiting) if j != i)
                ),
                0,
            )
            ordered += waiting.pop(index)[1]
        return ordered
