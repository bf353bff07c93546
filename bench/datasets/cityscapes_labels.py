"""Cityscapes' labels, and the eight classes of its instance benchmark.

In a semantic map the value of a class is 1 + its index in ``CLASS_NAMES``.
"""

from dataclasses import dataclass

CLASS_NAMES = ("person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle")
SUPER_CLASSES = (
    ("person", "rider"),
    ("car", "truck", "bus", "train"),
    ("motorcycle", "bicycle"),
)


@dataclass(frozen=True)
class Label:
    """A Cityscapes label.

    id: the value of the label in labelIds.png.
    ignored: whether the evaluation treats pixels of this label as void.
    has_instances: whether objects of this label are annotated one by one.
    colour: RGB, 0 to 255.
    """

    name: str
    id: int
    ignored: bool
    has_instances: bool
    colour: tuple[int, int, int]


def _make_label(name: str, id: int, colour: tuple[int, int, int], kind: str = "") -> Label:
    return Label(name, id, "ignored" in kind, "instances" in kind, colour)


_TABLE = (
    _make_label("unlabeled", 0, (0, 0, 0), "ignored"),
    _make_label("ego vehicle", 1, (0, 0, 0), "ignored"),
    _make_label("rectification border", 2, (0, 0, 0), "ignored"),
    _make_label("out of roi", 3, (0, 0, 0), "ignored"),
    _make_label("static", 4, (0, 0, 0), "ignored"),
    _make_label("dynamic", 5, (111, 74, 0), "ignored"),
    _make_label("ground", 6, (81, 0, 81), "ignored"),
    _make_label("road", 7, (128, 64, 128)),
    _make_label("sidewalk", 8, (244, 35, 232)),
    _make_label("parking", 9, (250, 170, 160), "ignored"),
    _make_label("rail track", 10, (230, 150, 140), "ignored"),
    _make_label("building", 11, (70, 70, 70)),
    _make_label("wall", 12, (102, 102, 156)),
    _make_label("fence", 13, (190, 153, 153)),
    _make_label("guard rail", 14, (180, 165, 180), "ignored"),
    _make_label("bridge", 15, (150, 100, 100), "ignored"),
    _make_label("tunnel", 16, (150, 120, 90), "ignored"),
    _make_label("pole", 17, (153, 153, 153)),
    _make_label("polegroup", 18, (153, 153, 153), "ignored"),
    _make_label("traffic light", 19, (250, 170, 30)),
    _make_label("traffic sign", 20, (220, 220, 0)),
    _make_label("vegetation", 21, (107, 142, 35)),
    _make_label("terrain", 22, (152, 251, 152)),
    _make_label("sky", 23, (70, 130, 180)),
    _make_label("person", 24, (220, 20, 60), "instances"),
    _make_label("rider", 25, (255, 0, 0), "instances"),
    _make_label("car", 26, (0, 0, 142), "instances"),
    _make_label("truck", 27, (0, 0, 70), "instances"),
    _make_label("bus", 28, (0, 60, 100), "instances"),
    _make_label("caravan", 29, (0, 0, 90), "ignored, instances"),
    _make_label("trailer", 30, (0, 0, 110), "ignored, instances"),
    _make_label("train", 31, (0, 80, 100), "instances"),
    _make_label("motorcycle", 32, (0, 0, 230), "instances"),
    _make_label("bicycle", 33, (119, 11, 32), "instances"),
)

LABELS = {label.name: label for label in _TABLE}
"""All labels that can occur in labelIds.png, by name."""

LABEL_NAMES = {-1: "license plate"} | {label.id: label.name for label in _TABLE}
"""The name of every label id of Cityscapes."""

SEMANTIC_LABELS = tuple(label for label in _TABLE if not label.ignored)
"""The 19 labels of Cityscapes' semantic benchmark, by their ids: objects, and stuff such as sky."""

CLASS_IDS = tuple(LABELS[name].id for name in CLASS_NAMES)
"""The label ids of ``CLASS_NAMES``, in the same order."""
