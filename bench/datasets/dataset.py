"""What a data set offers to all that reads one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preset:
    """The pipeline's numbers that depend on the size of images: entries of ``PipelineConfig``.

    The defaults are the paper's, for the frames of Cityscapes, 2048x1024.
    """

    block: int = 32
    extension: int = 16
    roi_height: int | None = None
