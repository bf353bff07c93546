"""Places traffic, parked rows, people, riders and what hides parts of them, and orders them for painting.

Rare classes are scheduled by the image's index; everything else is drawn at random.
"""

from dataclasses import dataclass, field

import numpy as np

from bench.datasets.scenes import scenery
from bench.datasets.scenes.geometry import Camera, Footprint, LabelledShape
from bench.datasets.scenes.light import Light
from bench.datasets.scenes.people_and_cycles import (
    bicycle,
    motorcycle,
    person,
    rider,
    upright_shape,
)
from bench.datasets.scenes.prisms import Pose
from bench.datasets.scenes.vehicles import VEHICLES, Vehicle

# How many of each an image tries to place, by its index modulo the length of the row.
SCHEDULE = {
    "train": (1, 2, 1, 1, 0, 2, 1, 1),
    "bus": (1, 1, 2, 0, 1, 1, 1, 2),
    "truck": (1, 0, 1, 2, 2, 1, 1, 1),
    "motorcyclist": (1, 1, 0, 1, 1, 1, 0),
    "cyclist": (1, 0, 2, 1, 1),
}


def _either_way(rng: np.random.Generator, forward: float = 0.5) -> int:
    """1 with this probability, else -1."""
    return 1 if rng.random() < forward else -1


@dataclass
class StreetLayout:
    """Everything that stands on the ground, as groups that are painted together."""

    camera: Camera
    light: Light
    street: scenery.Street
    rng: np.random.Generator
    groups: list[tuple[Footprint, list[LabelledShape]]] = field(default_factory=list)

    def is_free(self, footprint: Footprint) -> bool:
        return not any(footprint.overlaps(other) for other, _ in self.groups)

    def in_view(self, x: float, z: float, margin: float = 0.02) -> bool:
        column = self.camera.column(x, z) / self.camera.width
        return margin < column < 1 - margin

    def add(self, shapes: list[LabelledShape], footprint: Footprint | None = None) -> None:
        ground = footprint or shapes[0].footprint
        if ground is None:
            raise TypeError(f"{shapes[0].label}: it has no footprint")
        self.groups.append((ground, shapes))

    def try_vehicle(self, vehicle: Vehicle, pose: Pose, margin: float = 0.02) -> bool:
        """Place a vehicle if its ground is free and its middle is in the picture."""
        footprint = vehicle.footprint(pose)
        visible = self.in_view(pose.x, pose.z, margin) and footprint.near > 4.5
        if not (visible and self.is_free(footprint)):
            return False
        self.add([vehicle.labelled_shape(pose, self.camera, self.light)], footprint)
        return True

    def in_order(self) -> list[LabelledShape]:
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


def populate(layout: StreetLayout, index: int) -> None:
    """Fill the street for the ``index``-th image of a city."""
    due = {name: row[index % len(row)] for name, row in SCHEDULE.items()}
    _trams(layout, due["train"])
    for label in ("bus", "truck"):
        for _ in range(due[label]):
            _large_vehicle(layout, label)
    for _ in range(due["motorcyclist"]):
        _two_wheeler(layout, motor=True, ridden=True)
    for _ in range(due["cyclist"]):
        _two_wheeler(layout, motor=False, ridden=True)
    _cycle_row(layout, motor=layout.rng.random() < 0.4)
    for hand in (-1, 1):
        _parked_row(layout, hand)
    _traffic(layout, int(layout.rng.integers(1, 3)))
    for _ in range(int(layout.rng.integers(1, 3))):
        _people(layout)
    _obstacles(layout)
    _furniture(layout)


def _trams(layout: StreetLayout, count: int) -> None:
    """Trams cross at the far end, on one track or two, or run along the left of the street."""
    rng, street = layout.rng, layout.street
    across = rng.random() < 0.6
    z = rng.uniform(27, 38)
    heading = _either_way(rng)
    for track in range(count):
        for _ in range(12):
            vehicle = VEHICLES["train"](rng)
            if across:
                reach = 0.34 * z
                pose = Pose(rng.uniform(-reach, reach), z + 3.4 * track, heading * np.pi / 2)
            else:
                lane = street.lanes[-track - 1 if track else 0]
                pose = Pose(lane[0] + rng.uniform(-0.1, 0.1), rng.uniform(22, 42), lane[1])
            if layout.try_vehicle(vehicle, pose):
                break


def _large_vehicle(layout: StreetLayout, label: str) -> None:
    """A bus or truck in a lane, at the kerb, or turning across."""
    rng, street = layout.rng, layout.street
    for _ in range(30):
        vehicle = VEHICLES[label](rng)
        choice = rng.random()
        if choice < 0.6:
            x, yaw = street.lanes[int(rng.integers(len(street.lanes)))]
            pose = Pose(
                x + rng.uniform(-0.2, 0.2), rng.uniform(17, 40), yaw + rng.uniform(-0.04, 0.04)
            )
        elif choice < 0.8:
            x = street.parking[int(rng.integers(2))]
            pose = Pose(
                x, rng.uniform(15, 32), (np.pi if x < 0 else 0.0) + rng.uniform(-0.03, 0.03)
            )
        else:
            z = rng.uniform(20, 34)
            side = rng.uniform(-0.3, 0.3) * z
            pose = Pose(side, z, rng.uniform(0.9, 2.2) * _either_way(rng))
        if layout.try_vehicle(vehicle, pose, 0.06):
            return


def _parked_row(layout: StreetLayout, hand: int) -> None:
    """Cars bumper to bumper along the kerb, each hiding part of the next."""
    rng = layout.rng
    if rng.random() < 0.3:
        return
    x = layout.street.parking[(hand + 1) // 2]
    z = rng.uniform(8.5, 20)
    yaw = 0.0 if hand > 0 else np.pi
    for _ in range(int(rng.integers(2, 5))):
        vehicle = VEHICLES["car"](rng)
        z += vehicle.length / 2
        flip = np.pi if rng.random() < 0.12 else 0.0
        pose = Pose(x + rng.uniform(-0.12, 0.12), z, yaw + flip + rng.uniform(-0.05, 0.05))
        layout.try_vehicle(vehicle, pose)
        z += vehicle.length / 2 + rng.uniform(0.4, 1.1)


def _traffic(layout: StreetLayout, count: int) -> None:
    """Cars in lanes, some of them turning."""
    rng, street = layout.rng, layout.street
    for _ in range(count):
        for _ in range(10):
            x, yaw = street.lanes[int(rng.integers(len(street.lanes)))]
            turn = rng.uniform(-1.3, 1.3) if rng.random() < 0.3 else rng.uniform(-0.05, 0.05)
            pose = Pose(x + rng.uniform(-0.3, 0.3), rng.uniform(11, 36), yaw + turn)
            if layout.try_vehicle(VEHICLES["car"](rng), pose):
                break


def _two_wheeler(
    layout: StreetLayout, motor: bool, ridden: bool, place: tuple[float, float] | None = None
) -> None:
    """A bicycle or motorcycle, with its rider if it is ridden."""
    rng, street = layout.rng, layout.street
    for _ in range(20 if place is None else 1):
        if place is None:
            x = rng.uniform(street.road[0] + 0.5, street.road[1] - 0.5)
            z = rng.uniform(7.5, 19) if motor else rng.uniform(7, 17)
        else:
            x, z = place
        stretch = rng.uniform(0.68, 1.0) * _either_way(rng)
        footprint = Footprint.around(x, z, abs(stretch), 0.2)
        free = place is not None or layout.is_free(footprint)
        if not (free and layout.in_view(x, z, 0.04)):
            continue
        machine = motorcycle(rng) if motor else bicycle(rng)
        label = "motorcycle" if motor else "bicycle"
        shapes = [upright_shape(label, machine, (x, z), layout.camera, layout.light, stretch)]
        if ridden:
            body = rider(rng, motor)
            shapes.append(
                upright_shape("rider", body, (x, z), layout.camera, layout.light, stretch)
            )
        layout.add(shapes, footprint)
        if ridden and place is None and rng.random() < 0.35:
            beside = (x + rng.uniform(0.45, 0.95) * _either_way(rng), z + 0.45)
            _two_wheeler(layout, motor, ridden, beside)
        return


def _cycle_row(layout: StreetLayout, motor: bool) -> None:
    """Parked bicycles or motorcycles, side by side, so close that they overlap in the picture."""
    rng, street = layout.rng, layout.street
    hand = _either_way(rng)
    z = rng.uniform(7.5, 15)
    x = street.kerb(hand) + hand * rng.uniform(0.6, 2.0)
    if not layout.in_view(x, z, 0.06):
        x = street.kerb(hand) * 0.75
        z = max(z, 10.0)
    for _ in range(int(rng.integers(2, 5))):
        _two_wheeler(layout, motor, ridden=False, place=(x, z))
        x += rng.uniform(0.55, 1.2) * _either_way(rng, 0.8)
        z += rng.uniform(0.3, 0.7)


def _people(layout: StreetLayout) -> None:
    """A few people close together, on the pavement or crossing."""
    rng, street = layout.rng, layout.street
    crossing = rng.random() < 0.35
    hand = _either_way(rng)
    for _ in range(12):
        z = rng.uniform(8, 22)
        if crossing:
            x = rng.uniform(*street.road)
        else:
            x = street.kerb(hand) + hand * rng.uniform(0.3, 0.9) * street.walk(hand)
        if layout.in_view(x, z, 0.04) and layout.is_free(Footprint.around(x, z, 0.5, 0.3)):
            break
    for _ in range(int(rng.integers(1, 5))):
        if layout.in_view(x, z):
            stretch = rng.uniform(0.8, 1.05) * _either_way(rng)
            body = person(rng)
            layout.add(
                [upright_shape("person", body, (x, z), layout.camera, layout.light, stretch)]
            )
        x += rng.uniform(0.32, 0.75) * _either_way(rng, 0.75)
        z += rng.uniform(-0.5, 0.5)


def _obstacles(layout: StreetLayout) -> None:
    """Poles, trunks and passers-by put where they cut things behind them in two."""
    rng, street = layout.rng, layout.street
    targets = [
        (foot, shapes[0].label) for foot, shapes in layout.groups if shapes[0].label != "person"
    ]
    refuges = 0
    for foot, label in targets:
        if rng.random() > 0.72:
            continue
        x, z = (foot.left + foot.right) / 2, (foot.near + foot.far) / 2
        x += rng.uniform(-0.2, 0.2) * (foot.right - foot.left)
        for _ in range(6):
            share = rng.uniform(0.35, 0.92)
            place = (x / z * foot.near * share, foot.near * share)
            if place[1] < 5.5 or not layout.is_free(Footprint.around(*place, 0.15, 0.15)):
                continue
            off_road = not street.road[0] + 1.9 < place[0] < street.road[1] - 1.9
            if off_road:
                _add_post_or_tree(layout, *place)
                break
            if label in ("car", "bicycle", "motorcycle") and rng.random() < 0.3 and place[1] > 6:
                body = person(rng)
                layout.add([upright_shape("person", body, place, layout.camera, layout.light)])
                break
            if label in ("bus", "truck", "train") and place[1] > 9 and refuges == 0:
                refuges += 1
                refuge = scenery.island(layout.camera, layout.light, *place)
                layout.add([refuge, *scenery.post(layout.camera, layout.light, *place, rng)])
                break


def _add_post_or_tree(layout: StreetLayout, x: float, z: float) -> None:
    maker = scenery.tree if layout.rng.random() < 0.2 and z > 8 else scenery.post
    layout.add(maker(layout.camera, layout.light, x, z, layout.rng))


def _furniture(layout: StreetLayout) -> None:
    """Lamp posts and trees along both kerbs, and a bin or two."""
    rng, street = layout.rng, layout.street
    for hand in (-1, 1):
        x = street.kerb(hand) + 0.5 * hand
        for z in np.arange(rng.uniform(5, 9), 45, rng.uniform(6, 11)):
            if layout.in_view(x, z, 0.0) and layout.is_free(Footprint.around(x, z, 0.25, 0.25)):
                _add_post_or_tree(layout, x, float(z))
    for _ in range(int(rng.integers(0, 3))):
        hand = _either_way(rng)
        x, z = street.kerb(hand) + rng.uniform(0.8, 2.5) * hand, rng.uniform(6, 20)
        if layout.in_view(x, z) and layout.is_free(Footprint.around(x, z, 0.5, 0.4)):
            layout.add(scenery.clutter(layout.camera, layout.light, x, z, rng))
