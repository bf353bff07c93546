"""The images of a data set that the networks learn from, and those of the tuning slice."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from tqdm.contrib.concurrent import thread_map

from bench.datasets import Dataset
from bench.training.recipe import Recipe
from bench.training.shrink_recipe import MAX_IMAGES
from bench.types import VOID_CLASS, Sample
from models.image_preprocessing import stretch_contrast
from models.training.crop_batches import AnnotatedImage
from models.training.pair_targets import VOID_INSTANCE


def annotated_image(sample: Sample) -> AnnotatedImage:
    """A sample as the networks learn from it: void pixels are in no instance and not background either."""
    instances = np.where(sample.semantic == VOID_CLASS, VOID_INSTANCE, sample.instances)
    return AnnotatedImage(sample.image, sample.semantic, instances.astype(np.int32))


class ImageNames(NamedTuple):
    """The images of train that the networks learn from, and those of the tuning slice."""

    learnt: list[str]
    tuning: list[str]


def split_images(dataset: Dataset, recipe: Recipe) -> ImageNames:
    """Split the images of train; a smoke has few of both parts.

    Raises ValueError, one line, where there are none of either, or where the data set has not as many
    classes as the recipe.
    """
    _check_classes(dataset, recipe)
    names = dataset.names("train")
    tuning = dataset.tuning_names(names)
    if not tuning or len(tuning) == len(names):
        raise ValueError(
            f"{dataset.root}: of {len(names)} images of train {len(tuning)} are the tuning slice; training "
            "needs some in it and some outside (`python -m bench scenes` makes scenes that have both)"
        )
    learnt = [name for name in names if name not in set(tuning)]
    most = MAX_IMAGES if recipe.smoke else None
    return ImageNames(learnt[:most], tuning[:most])


def _check_classes(dataset: Dataset, recipe: Recipe) -> None:
    classes = recipe.semantic.network.channels - 1
    if len(dataset.class_names) != classes:
        raise ValueError(
            f"{dataset.root}: has {len(dataset.class_names)} classes, recipe {recipe.name} is for {classes}; "
            "set `classes` in a recipe of your own"
        )


def load_images(
    dataset: Dataset, names: list[str], description: str, stretch: bool = False
) -> list[AnnotatedImage]:
    """Load images of train with their annotation. description: for the progress bar.

    stretch: stretch their contrast, as a recipe may demand; at inference the model does so itself.
    """

    def load_training_image(name: str) -> AnnotatedImage:
        found = annotated_image(dataset.load("train", name))
        return replace(found, image=stretch_contrast(found.image)) if stretch else found

    # Threads, as most of the time goes into unpacking PNGs, which does not hold the interpreter's lock.
    images: list[AnnotatedImage] = thread_map(
        load_training_image, names, desc=description, unit="image"
    )
    return images
