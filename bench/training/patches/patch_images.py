"""The images of patches, which are read from disk when a training needs them."""

from collections.abc import Sequence

import numpy as np

from bench.datasets.cityscapes import (
    Cityscapes,
    maps_from_instance_ids,
    semantic_map_of_all_labels,
)
from bench.training.patches.patch import Patch
from bench.types import VOID_CLASS
from models.training.crop_batches import AnnotatedImage, ImagesOnDisk
from models.training.pair_targets import VOID_INSTANCE


class PatchImages(ImagesOnDisk):
    """The images of patches. ``images[i]`` reads patch i; nothing is kept in memory.

    patches: the patches, in which one patch may occur several times.
    digest: a digest of the patches and of their files.
    all_labels: whether the semantic map has the 19 semantic labels of Cityscapes instead of the 8 classes and
        background. There are no instances then.
    """

    def __init__(
        self, data: Cityscapes, patches: Sequence[Patch], digest: str, all_labels: bool = False
    ) -> None:
        self.data, self.patches, self.all_labels = data, patches, all_labels
        self.digest = f"{digest}, all labels" if all_labels else digest

    def __len__(self) -> int:
        return len(self.patches)

    def read(self, index: int) -> AnnotatedImage:
        """The image of a patch with its annotation."""
        patch = self.patches[index]
        image = self.data.image(patch.split, patch.name)
        ids = self.data.instance_ids(patch.split, patch.name, patch.annotation)
        self.data.check_same_size(patch.split, patch.name, patch.annotation, image, ids)
        top, left, height, width = patch.window
        area = np.s_[top : top + height, left : left + width]
        semantic, instances = self._maps(ids[area])
        return AnnotatedImage(image[area], semantic, instances, patch.scale)

    def _maps(self, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.all_labels:
            return semantic_map_of_all_labels(ids), np.full(ids.shape, VOID_INSTANCE, np.int32)
        semantic, instances = maps_from_instance_ids(ids)
        return semantic, np.where(semantic == VOID_CLASS, VOID_INSTANCE, instances).astype(np.int32)
