"""Opens what a study of images reads: the pipeline of a model, and the data set."""

from pathlib import Path

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import Dataset, dataset_class, open_dataset
from bench.pipeline.segment import Pipeline
from bench.runner.study import Study


def open_pipeline_and_dataset(
    study: Study, root: Path | None, model: str | None, cache: Path, device: str = "cpu"
) -> tuple[Pipeline, Dataset]:
    """Open the pipeline of a model and the data set of a study.

    root: the folder of the data set; None for its default folder, in which missing images are generated if
        the data set can generate them. model: the name or the folder of a model; None for the study's.
    device: where the networks run.
    Raises ValueError for an unknown device, and if the classes of the model and of the data set differ.
    """
    # The model is opened first, so that no images are generated if it is missing.
    folder = paths.model_folder(model or study.images.model)
    pipeline = Pipeline(folder, AffinityCache(cache), device=device)
    name, place = study.images.dataset, root or paths.default_data_folder(study.images.dataset)
    if root is None:
        dataset_class(name).generate_missing(place, study.images.split)
    dataset = open_dataset(name, place)
    pipeline.check_classes(dataset.class_names)
    return pipeline, dataset
