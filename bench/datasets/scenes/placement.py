"""Places vehicles, cycles and people in a scene, and obstacles that hide parts of them.

The index of an image determines how many objects of rare classes are tried; all else is random.
"""

import numpy as np

from bench.datasets.scenes import street_furniture
from bench.datasets.scenes.geometry import Footprint, LabelledShape
from bench.datasets.scenes.layout import StreetLayout
from bench.datasets.scenes.people_and_cycles import (
    random_bicycle,
    random_motorcycle,
    random_person,
    random_rider,
    shape_from_drawing,
)
from bench.datasets.scenes.prisms import Pose
from bench.datasets.scenes.vehicles import VEHICLES

# How many objects of each kind are tried: in image i, row[i % len(row)].
RARE_OBJECT_COUNTS = {
    "train": (1, 2, 1, 1, 0, 2, 1, 1),
    "bus": (1, 1, 2, 0, 1, 1, 1, 2),
    "truck": (1, 0, 1, 2, 2, 1, 1, 1),
    "motorcyclist": (1, 1, 0, 1, 1, 1, 0),
    "cyclist": (1, 0, 2, 1, 1),
}


def _random_one_or_minus_one(rng: np.random.Generator, forward: float = 0.5) -> int:
    """1 with probability ``forward``, else -1."""
    return 1 if rng.random() < forward else -1


def populate_street(layout: StreetLayout, index: int) -> None:
    """Place all objects in the street of the ``index``-th image of a city."""
    due = {name: row[index % len(row)] for name, row in RARE_OBJECT_COUNTS.items()}
    _place_trams(layout, due["train"])
    for label in ("bus", "truck"):
        for _ in range(due[label]):
            _place_large_vehicle(layout, label)
    for _ in range(due["motorcyclist"]):
        _place_two_wheeler(layout, motor=True, ridden=True)
    for _ in range(due["cyclist"]):
        _place_two_wheeler(layout, motor=False, ridden=True)
    _place_parked_cycles(layout, motor=layout.rng.random() < 0.4)
    for hand in (-1, 1):
        _place_parked_cars(layout, hand)
    _place_traffic(layout, int(layout.rng.integers(1, 3)))
    for _ in range(int(layout.rng.integers(1, 3))):
        _place_people(layout)
    _place_obstacles(layout)
    _place_street_furniture(layout)


def _place_trams(layout: StreetLayout, count: int) -> None:
    """Place ``count`` trams, all on tracks that cross the street far away or all along the street."""
    rng, street = layout.rng, layout.street
    across = rng.random() < 0.6
    z = rng.uniform(27, 38)
    heading = _random_one_or_minus_one(rng)
    for track in range(count):
        for _ in range(12):
            vehicle = VEHICLES["train"](rng)
            if across:
                reach = 0.34 * z
                pose = Pose(rng.uniform(-reach, reach), z + 3.4 * track, heading * np.pi / 2)
            else:
                lane = street.lanes[-track - 1 if track else 0]
                pose = Pose(lane[0] + rng.uniform(-0.1, 0.1), rng.uniform(22, 42), lane[1])
            if layout.place_vehicle_if_free(vehicle, pose):
                break


def _place_large_vehicle(layout: StreetLayout, label: str) -> None:
    """Place a bus or a truck in a lane, at the kerb, or turning across the street."""
    for _ in range(30):
        vehicle = VEHICLES[label](layout.rng)
        if layout.place_vehicle_if_free(vehicle, _random_large_vehicle_pose(layout), 0.06):
            return


def _random_large_vehicle_pose(layout: StreetLayout) -> Pose:
    rng, street = layout.rng, layout.street
    choice = rng.random()
    if choice < 0.6:
        x, yaw = street.lanes[int(rng.integers(len(street.lanes)))]
        x += rng.uniform(-0.2, 0.2)
        return Pose(x, rng.uniform(17, 40), yaw + rng.uniform(-0.04, 0.04))
    if choice < 0.8:
        x = street.parking[int(rng.integers(2))]
        yaw = np.pi if x < 0 else 0.0
        return Pose(x, rng.uniform(15, 32), yaw + rng.uniform(-0.03, 0.03))
    z = rng.uniform(20, 34)
    side = rng.uniform(-0.3, 0.3) * z
    return Pose(side, z, rng.uniform(0.9, 2.2) * _random_one_or_minus_one(rng))


def _place_parked_cars(layout: StreetLayout, hand: int) -> None:
    """Place parked cars along a kerb, so close that each hides part of the next one.

    hand: -1 for the left, 1 for the right side of the street.
    """
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
        layout.place_vehicle_if_free(vehicle, pose)
        z += vehicle.length / 2 + rng.uniform(0.4, 1.1)


def _place_traffic(layout: StreetLayout, count: int) -> None:
    """Place ``count`` cars in lanes, some of which turn."""
    rng, street = layout.rng, layout.street
    for _ in range(count):
        for _ in range(10):
            x, yaw = street.lanes[int(rng.integers(len(street.lanes)))]
            turn = rng.uniform(-1.3, 1.3) if rng.random() < 0.3 else rng.uniform(-0.05, 0.05)
            pose = Pose(x + rng.uniform(-0.3, 0.3), rng.uniform(11, 36), yaw + turn)
            if layout.place_vehicle_if_free(VEHICLES["car"](rng), pose):
                break


def _place_two_wheeler(
    layout: StreetLayout, motor: bool, ridden: bool, place: tuple[float, float] | None = None
) -> None:
    """Place a bicycle or a motorcycle (``motor``), with a rider on it if ``ridden``.

    place: (x, z) in metres; None chooses a random free place on the road, and perhaps adds a second one
        beside it.
    """
    rng, street = layout.rng, layout.street
    for _ in range(20 if place is None else 1):
        if place is None:
            x = rng.uniform(street.road[0] + 0.5, street.road[1] - 0.5)
            z = rng.uniform(7.5, 19) if motor else rng.uniform(7, 17)
        else:
            x, z = place
        stretch = rng.uniform(0.68, 1.0) * _random_one_or_minus_one(rng)
        footprint = Footprint.from_centre(x, z, abs(stretch), 0.2)
        free = place is not None or layout.is_free(footprint)
        if not (free and layout.is_in_view(x, z, 0.04)):
            continue
        layout.add_group(_two_wheeler_shapes(layout, motor, ridden, (x, z), stretch), footprint)
        if ridden and place is None and rng.random() < 0.35:
            beside = (x + rng.uniform(0.45, 0.95) * _random_one_or_minus_one(rng), z + 0.45)
            _place_two_wheeler(layout, motor, ridden, beside)
        return


def _two_wheeler_shapes(
    layout: StreetLayout, motor: bool, ridden: bool, place: tuple[float, float], stretch: float
) -> list[LabelledShape]:
    drawings = [
        ("motorcycle", random_motorcycle(layout.rng))
        if motor
        else ("bicycle", random_bicycle(layout.rng))
    ]
    if ridden:
        drawings.append(("rider", random_rider(layout.rng, motor)))
    return [
        shape_from_drawing(label, drawing, place, layout.camera, layout.light, stretch)
        for label, drawing in drawings
    ]


def _place_parked_cycles(layout: StreetLayout, motor: bool) -> None:
    """Place parked bicycles or motorcycles side by side, so close that they overlap in the picture."""
    rng, street = layout.rng, layout.street
    hand = _random_one_or_minus_one(rng)
    z = rng.uniform(7.5, 15)
    x = street.kerb_x(hand) + hand * rng.uniform(0.6, 2.0)
    if not layout.is_in_view(x, z, 0.06):
        x = street.kerb_x(hand) * 0.75
        z = max(z, 10.0)
    for _ in range(int(rng.integers(2, 5))):
        _place_two_wheeler(layout, motor, ridden=False, place=(x, z))
        x += rng.uniform(0.55, 1.2) * _random_one_or_minus_one(rng, 0.8)
        z += rng.uniform(0.3, 0.7)


def _place_people(layout: StreetLayout) -> None:
    """Place a few people close together, on the pavement or on the road."""
    rng = layout.rng
    x, z = _random_place_of_people(layout)
    for _ in range(int(rng.integers(1, 5))):
        if layout.is_in_view(x, z):
            stretch = rng.uniform(0.8, 1.05) * _random_one_or_minus_one(rng)
            body = random_person(rng)
            layout.add_group(
                [shape_from_drawing("person", body, (x, z), layout.camera, layout.light, stretch)]
            )
        x += rng.uniform(0.32, 0.75) * _random_one_or_minus_one(rng, 0.75)
        z += rng.uniform(-0.5, 0.5)


def _random_place_of_people(layout: StreetLayout) -> tuple[float, float]:
    """A place (x, z) on the pavement or the road: the first of 12 that is free and in view, or the last."""
    rng, street = layout.rng, layout.street
    crossing = rng.random() < 0.35
    hand = _random_one_or_minus_one(rng)
    for _ in range(12):
        z = rng.uniform(8, 22)
        if crossing:
            x = rng.uniform(*street.road)
        else:
            x = street.kerb_x(hand) + hand * rng.uniform(0.3, 0.9) * street.pavement_width(hand)
        if layout.is_in_view(x, z, 0.04) and layout.is_free(Footprint.from_centre(x, z, 0.5, 0.3)):
            break
    return x, z


def _place_obstacles(layout: StreetLayout) -> None:
    """Place posts, trees, people and traffic islands so that each cuts an object behind it in two."""
    rng, street = layout.rng, layout.street
    targets = [
        (foot, shapes[0].label) for foot, shapes in layout.groups if shapes[0].label != "person"
    ]
    has_refuge = False
    for foot, label in targets:
        if rng.random() > 0.72:
            continue
        x, z = (foot.left + foot.right) / 2, (foot.near + foot.far) / 2
        x += rng.uniform(-0.2, 0.2) * (foot.right - foot.left)
        for _ in range(6):
            share = rng.uniform(0.35, 0.92)
            place = (x / z * foot.near * share, foot.near * share)
            if place[1] < 5.5 or not layout.is_free(Footprint.from_centre(*place, 0.15, 0.15)):
                continue
            off_road = not street.road[0] + 1.9 < place[0] < street.road[1] - 1.9
            if off_road:
                _add_post_or_tree(layout, *place)
                break
            if label in ("car", "bicycle", "motorcycle") and rng.random() < 0.3 and place[1] > 6:
                _add_passer_by(layout, place)
                break
            if label in ("bus", "truck", "train") and place[1] > 9 and not has_refuge:
                _add_traffic_island(layout, *place)
                has_refuge = True
                break


def _add_post_or_tree(layout: StreetLayout, x: float, z: float) -> None:
    maker = (
        street_furniture.random_tree
        if layout.rng.random() < 0.2 and z > 8
        else street_furniture.random_post
    )
    layout.add_group(maker(layout.camera, layout.light, x, z, layout.rng))


def _add_passer_by(layout: StreetLayout, place: tuple[float, float]) -> None:
    body = random_person(layout.rng)
    layout.add_group([shape_from_drawing("person", body, place, layout.camera, layout.light)])


def _add_traffic_island(layout: StreetLayout, x: float, z: float) -> None:
    """Add a traffic island in the road, with a post on it."""
    refuge = street_furniture.traffic_island(layout.camera, layout.light, x, z)
    layout.add_group(
        [refuge, *street_furniture.random_post(layout.camera, layout.light, x, z, layout.rng)]
    )


def _place_street_furniture(layout: StreetLayout) -> None:
    """Place lamp posts and trees along both kerbs, and up to two bins or boxes."""
    rng, street = layout.rng, layout.street
    for hand in (-1, 1):
        x = street.kerb_x(hand) + 0.5 * hand
        for z in np.arange(rng.uniform(5, 9), 45, rng.uniform(6, 11)):
            if layout.is_in_view(x, z, 0.0) and layout.is_free(
                Footprint.from_centre(x, z, 0.25, 0.25)
            ):
                _add_post_or_tree(layout, x, float(z))
    for _ in range(int(rng.integers(0, 3))):
        hand = _random_one_or_minus_one(rng)
        x, z = street.kerb_x(hand) + rng.uniform(0.8, 2.5) * hand, rng.uniform(6, 20)
        if layout.is_in_view(x, z) and layout.is_free(Footprint.from_centre(x, z, 0.5, 0.4)):
            layout.add_group(
                street_furniture.random_clutter(layout.camera, layout.light, x, z, rng)
            )
