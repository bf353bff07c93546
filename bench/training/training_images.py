"""Splits the images of train into training images and the tuning slice, and loads them."""

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
    """Convert a sample for the training: void pixels are neither an instance nor background."""
    instances = np.where(sample.semantic == VOID_CLASS, VOID_INSTANCE, sample.instances)
    return AnnotatedImage(sample.image, sample.semantic, instances.astype(np.int32))


class ImageNames(NamedTuple):
    """Names of the images that the networks are trained on, and of those held out for tuning."""

    learnt: list[str]
    tuning: list[str]


def split_images(dataset: Dataset, recipe: Recipe) -> ImageNames:
    """Split train into training images and the tuning slice; a trial takes few images of each.

    Raises ValueError if a part is empty, or if data set and recipe differ in the number of classes.
    """
    _check_classes(dataset, recipe)
    names = dataset.names("train")
    tuning = dataset.tuning_names(names)
    if not tuning or len(tuning) == len(names):
        raise ValueError(
            f"{dataset.root}: {len(tuning)} of {len(names)} training images are held out for tuning; "
            "training needs images of both kinds (`python -m bench scenes` makes a data set that has them)"
        )
    learnt = [name for name in names if name not in set(tuning)]
    most = MAX_IMAGES if recipe.smoke else None
    return ImageNames(learnt[:most], tuning[:most])


def _check_classes(dataset: Dataset, recipe: Recipe) -> None:
    classes = recipe.semantic.network.channels - 1
    if len(dataset.class_names) != classes:
        raise ValueError(
            f"{dataset.root}: has {len(dataset.class_names)} classes, recipe {recipe.name} has {classes}; "
            "set `classes` in a copy of the recipe"
        )


def load_images(
    dataset: Dataset, names: list[str], description: str, stretch: bool = False
) -> list[AnnotatedImage]:
    """Load images of train with their annotation.

    description: the label of the progress bar.
    stretch: stretch the contrast of the images, as ``Recipe.stretch`` says; at inference the model does this.
    """

    def load_training_image(name: str) -> AnnotatedImage:
        found = annotated_image(dataset.load("train", name))
        return replace(found, image=stretch_contrast(found.image)) if stretch else found

    # Threads suffice: decoding PNGs takes most of the time and releases the interpreter's lock.
    images: list[AnnotatedImage] = thread_map(
        load_training_image, names, desc=description, unit="image"
    )
    return images
