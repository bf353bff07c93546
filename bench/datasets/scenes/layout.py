"""The objects on the ground of a scene: which places are still free, and the order of painting."""

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

    groups: shapes that are painted together, such as a bicycle and its rider, and their common footprint.
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
        """Whether the point (x, z) of the ground is between the left and the right edge of the picture.

        margin: the share of the picture's width at each edge that does not count.
        """
        column = self.camera.ground_column(x, z) / self.camera.width
        return margin < column < 1 - margin

    def add(self, shapes: list[LabelledShape], footprint: Footprint | None = None) -> None:
        """Add a group of shapes. If ``footprint`` is None, the footprint of the first shape is taken."""
        ground = footprint or shapes[0].footprint
        if ground is None:
            raise TypeError(f"{shapes[0].label}: the shape has no footprint; give one")
        self.groups.append((ground, shapes))

    def place_vehicle_if_free(self, vehicle: Vehicle, pose: Pose, margin: float = 0.02) -> bool:
        """Place a vehicle if its footprint is free and its centre in view. Returns whether it was placed."""
        footprint = vehicle.footprint(pose)
        visible = self.is_in_view(pose.x, pose.z, margin) and footprint.near > 4.5
        if not (visible and self.is_free(footprint)):
            return False
        self.add([vehicle.shape_seen_by(pose, self.camera, self.light)], footprint)
        return True

    def shapes_in_painting_order(self) -> list[LabelledShape]:
        """All shapes, each before those that it is behind."""
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
