"""Opens what a study of images reads: the pipeline of a model, and the data set."""

from pathlib import Path
from typing import NamedTuple

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import Dataset, dataset_class, open_dataset
from bench.pipeline.segment import Pipeline
from bench.runner.study import Study


class ImagesOfPlan(NamedTuple):
    """The images that a plan needs: the first ``limit`` by name.

    folder: where they are generated if the default folder has no image of the split. It must not exist.
    """

    limit: int
    folder: Path


def open_pipeline_and_dataset(
    study: Study,
    root: Path | None,
    model: str | None,
    cache: Path,
    device: str = "cpu",
    plan: ImagesOfPlan | None = None,
) -> tuple[Pipeline, Dataset]:
    """Open the pipeline of a model and the data set of a study.

    root: the folder of the data set; None for its default folder, in which missing images are generated if
        the data set can generate them. model: the name or the folder of a model; None for the study's.
    device: where the networks run. plan: for a plan of some images; None to open the whole data set.
    Raises ValueError for an unknown device, and if the classes of the model and of the data set differ.
    """
    # The model is opened first, so that no images are generated if it is missing.
    folder = paths.model_folder(model or study.images.model)
    pipeline = Pipeline(folder, AffinityCache(cache), device=device)
    place = root or _folder_with_generated_images(study, plan)
    dataset = open_dataset(study.images.dataset, place)
    pipeline.check_classes(dataset.class_names)
    return pipeline, dataset


def _folder_with_generated_images(study: Study, plan: ImagesOfPlan | None) -> Path:
    """The default folder of a study's images, or that of ``plan``; missing images are generated there.

    A plan never leaves a part of a split in the default folder, where it could be taken for the whole split.
    """
    name, split = study.images.dataset, study.images.split
    place, kind = paths.default_data_folder(name), dataset_class(name)
    if plan is not None and not study.images.tuning and not _has_images(name, place, split):
        kind.generate_missing(plan.folder, split, plan.limit)
        if plan.folder.exists():
            return plan.folder
    kind.generate_missing(place, split)
    return place


def _has_images(name: str, place: Path, split: str) -> bool:
    """Whether a data set in the folder ``place`` has images of a split."""
    try:
        return bool(open_dataset(name, place).names(split))
    except FileNotFoundError:
        return False
