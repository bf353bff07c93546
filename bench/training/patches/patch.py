"""A patch, an area of an image to train on, and the sets of patches that a recipe can mix."""

from dataclasses import dataclass
from typing import Literal, get_args

PatchSetName = Literal["fine-images", "originals", "enlarged", "coarse-images", "coarse-patches"]
"""The names of the sets of patches.

fine-images: the whole images of train.
originals: the same images, of which nine in ten lose the rows without objects at top and bottom.
enlarged: areas of images of train around an object, which are enlarged to a crop.
coarse-images: the whole images of train_extra, with their coarse annotation.
coarse-patches: areas of images of train_extra around a truck, a bus or a train.
"""

PATCH_SETS: tuple[PatchSetName, ...] = get_args(PatchSetName)

COARSE_SETS = ("coarse-images", "coarse-patches")
"""The sets of patches of the split ``train_extra``."""


def split_of_set(set_name: PatchSetName) -> str:
    """The split of the images of a set of patches."""
    return "train_extra" if set_name in COARSE_SETS else "train"


def annotation_of_set(set_name: PatchSetName) -> str:
    """The annotation of the images of a set of patches: "gtFine" or "gtCoarse"."""
    return "gtCoarse" if set_name in COARSE_SETS else "gtFine"


Window = tuple[int, int, int, int]
"""The first row and column of an area, its height and its width, in pixels."""


@dataclass(frozen=True)
class Patch:
    """An area of an image.

    set_name: the set that the patch belongs to.
    name: the name of the image.
    window: the area.
    scale: the factor by which the area is enlarged.
    """

    set_name: PatchSetName
    name: str
    window: Window
    scale: float = 1.0

    @property
    def split(self) -> str:
        """The split of the image."""
        return split_of_set(self.set_name)

    @property
    def annotation(self) -> str:
        """The annotation of the image: "gtFine" or "gtCoarse"."""
        return annotation_of_set(self.set_name)
