"""Reads the generated street scenes, whose files have the layout of Cityscapes."""

from pathlib import Path

from bench.datasets.cityscapes import Cityscapes
from bench.datasets.dataset import PipelinePreset
from bench.datasets.scenes.scene_files import SEED, SIZE, SPLIT_SIZES, generate_with_progress


class Scenes(Cityscapes):
    """The data set of generated street scenes in a folder; see :class:`Cityscapes`."""

    name = "scenes"
    preset = PipelinePreset(block=8, extension=16, roi_height=256)
    """Scenes are a quarter as high as images of Cityscapes, so blocks are a quarter of the paper's size. The
    extension of regions stays 16: on the tuning slice, SCP has AP 0.668 with 16 pixels, 0.648 with 4. Low
    regions are enlarged to the height of a scene. The networks were trained on crops of the same height."""

    advice_for_few_images = "generate more (`python -m bench scenes` generates enough)"

    @classmethod
    def generate_missing(cls, root: Path, split: str, first: int | None = None) -> None:
        """Generate the missing images of a split with the default size, seed and number of images.

        first: only so many images, the first ones by name; None: all.
        Raises ValueError for an unknown split, and for a folder of scenes with another size or seed.
        """
        generate_with_progress(root, {split: SPLIT_SIZES.get(split, 0)}, SIZE, SEED, first=first)
