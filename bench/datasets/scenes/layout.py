"""What stands on the ground of a scene: which places are free, and what is painted before what."""

from dataclasses import dataclass, field

import numpy as np

from bench.datasets.scenes.geometry import Camera, Footprint, LabelledShape
from bench.datasets.scenes.light import Light
from bench.datasets.scenes.prisms import Pose
from bench.datasets.scenes.scenery import Street
from bench.datasets.scenes.vehicles import Vehicle


@dataclass
class StreetLayout:
    """Everything that stands on the ground, as groups that are painted together."""

    camera: Camera
    light: Light
    street: Street
    rng: np.random.Generator
    groups: list[tuple[Footprint, list[LabelledShape]]] = field(default_factory=list)

    def is_free(self, footprint: Footprint) -> bool:
        return not any(footprint.overlaps(other) for other, _ in self.groups)

    def is_in_view(self, x: float, z: float, margin: float = 0.02) -> bool:
        column = self.camera.ground_column(x, z) / self.camera.width
        return margin < column < 1 - margin

    def add(self, shapes: list[LabelledShape], footprint: Footprint | None = None) -> None:
        ground = footprint or shapes[0].footprint
        if ground is None:
            raise TypeError(f"{shapes[0].label}: it has no footprint")
        self.groups.append((ground, shapes))

    def place_vehicle_if_free(self, vehicle: Vehicle, pose: Pose, margin: float = 0.02) -> bool:
        """Place a vehicle if its ground is free and its middle is in the picture."""
        footprint = vehicle.footprint(pose)
        visible = self.is_in_view(pose.x, pose.z, margin) and footprint.near > 4.5
        if not (visible and self.is_free(footprint)):
            return False
        self.add([vehicle.shape_seen_by(pose, self.camera, self.light)], footprint)
        return True

    def shapes_in_painting_order(self) -> list[LabelledShape]:
        """All shapes, those behind before those in front."""
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
