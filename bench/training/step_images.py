"""The images that the steps of a training use: whole images, or patches. Both are read when needed."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from bench.datasets import Dataset
from bench.datasets.cityscapes import Cityscapes
from bench.training.patches.patch import PATCH_SETS, PatchSetName, split_of_set
from bench.training.patches.patch_images import PatchImages
from bench.training.patches.patch_index import PatchIndex, read_or_make_index
from bench.training.recipe import Recipe, TrainingStep
from bench.training.training_images import check_training_objects
from bench.training.whole_images import WholeImages, digest_of_whole_images
from models.training.crop_batches import AnnotatedImage
from models.training.training_processes import ONE_PROCESS, TrainingProcesses

INDEX_FILE = "patches.json"
"""The file of the index of patches, in the folder of the training."""

FILES_INDEX = "files.json"
"""The file with the hashes of the files of whole images, in the folder of the training."""

TRIAL_IMAGES = 8
"""The number of images of each split from which a trial cuts its patches."""


class StepImages:
    """The images of the steps of a training. They are read when a step needs them.

    data: the data set. training: the names of the images of ``train`` to use.
    work: the folder of the training, which holds the indices of patches and files.
    processes: the processes of the training. The first one makes the indices and shares them.
    writes_files_index: whether the hashes of the files of whole images are kept in a file.
    """

    def __init__(
        self,
        data: Dataset,
        training: list[str],
        recipe: Recipe,
        work: Path,
        processes: TrainingProcesses = ONE_PROCESS,
        writes_files_index: bool = True,
    ) -> None:
        self.data, self.training, self.recipe, self.work = data, training, recipe, work
        self.processes, self.writes_files_index = processes, writes_files_index

    def of_step(self, step: TrainingStep) -> Sequence[AnnotatedImage]:
        """The images of a step."""
        if not step.mixture:
            return self._whole_images
        patches, digest = self.index.mix(step.mixture), self.index.digest_of_mixture(step.mixture)
        return PatchImages(cityscapes_layout(self.data), patches, digest, step.all_labels)

    @cached_property
    def _whole_images(self) -> WholeImages:
        digest = self._digest_of_whole_images() if self.processes.is_first else None
        shared = self.processes.share(digest)
        assert shared is not None
        images = WholeImages(self.data, self.training, shared, self.recipe.stretch)
        check_training_objects(self.data, images, self.recipe.smoke)
        return images

    def _digest_of_whole_images(self) -> str:
        index, writes = self.work / FILES_INDEX, self.writes_files_index
        return digest_of_whole_images(self.data, self.training, index, writes)

    @cached_property
    def index(self) -> PatchIndex:
        """The index of all patches that the recipe mixes."""
        index = self._make_index() if self.processes.is_first else None
        shared = self.processes.share(index)
        assert shared is not None
        return shared

    def _make_index(self) -> PatchIndex:
        sets = sets_of_recipe(self.recipe)
        data = cityscapes_layout(self.data)
        names = names_by_split(data, self.training, sets, self.recipe.smoke)
        crop, seed = self.recipe.affinity.crop, self.recipe.affinity.seed
        return read_or_make_index(data, names, sets, crop, seed, self.work / INDEX_FILE)


def sets_of_recipe(recipe: Recipe) -> list[PatchSetName]:
    """The sets of patches that the steps of a recipe mix."""
    steps = [*recipe.steps_of_network("semantic"), *recipe.steps_of_network("affinity")]
    mixed = {name for step in steps for name in step.mixture}
    return [name for name in PATCH_SETS if name in mixed]


def names_by_split(
    data: Cityscapes, training: list[str], sets: Sequence[PatchSetName], smoke: bool
) -> Mapping[str, list[str]]:
    """The names of the images from which patches are cut, by split. training: those of ``train``."""
    limit = TRIAL_IMAGES if smoke else None
    splits = {split_of_set(name) for name in sets} - {"train"}
    return {"train": training[:limit]} | {split: data.names(split)[:limit] for split in splits}


def cityscapes_layout(data: Dataset) -> Cityscapes:
    """The data set, if it has the layout of Cityscapes, from which patches are cut; else ValueError."""
    if not isinstance(data, Cityscapes):
        raise ValueError(
            f"the recipe mixes patches, which need the layout of Cityscapes, but data set {data.name!r} has "
            "another one; remove `data` from a copy of the recipe"
        )
    return data
