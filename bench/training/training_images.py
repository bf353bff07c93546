"""The images for a training: split them into training images and the tuning slice, and check them."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bench.datasets import Dataset
from bench.training.recipe import Recipe
from bench.training.shrink_recipe import MAX_IMAGES
from bench.types import VOID_CLASS, Sample
from models.training.crop_batches import AnnotatedImage
from models.training.pair_targets import VOID_INSTANCE


def to_annotated_image(sample: Sample) -> AnnotatedImage:
    """Convert a sample of a data set to an image to train on: void pixels are in no instance."""
    instances = np.where(sample.semantic == VOID_CLASS, VOID_INSTANCE, sample.instances)
    return AnnotatedImage(sample.image, sample.semantic, instances.astype(np.int32))


class TrainingSplit(NamedTuple):
    """The names of images for a training.

    training: the images that the networks are trained on. tuning: the tuning slice, which is held out.
    """

    training: list[str]
    tuning: list[str]


def split_training_images(dataset: Dataset, recipe: Recipe) -> TrainingSplit:
    """Divide the split ``train`` of a data set into training images and the tuning slice.

    A trial gets only a few images of each. Raises ValueError if one of them is empty, or if the data set and
    the recipe differ in the number of classes.
    """
    _check_number_of_classes(dataset, recipe)
    names = dataset.names("train")
    tuning = dataset.tuning_image_names(names)
    if not tuning or len(tuning) == len(names):
        raise ValueError(
            f"{dataset.root}: {len(tuning)} of {len(names)} images in train are held out for tuning, but "
            f"some must be held out and some not; {dataset.advice_for_few_images}"
        )
    training = [name for name in names if name not in set(tuning)]
    limit = MAX_IMAGES if recipe.smoke else None
    return TrainingSplit(training[:limit], tuning[:limit])


def _check_number_of_classes(dataset: Dataset, recipe: Recipe) -> None:
    classes = recipe.semantic.network.channels - 1
    if len(dataset.class_names) != classes:
        raise ValueError(
            f"{dataset.root} has {len(dataset.class_names)} classes, but recipe {recipe.name} has {classes}; "
            "set `classes` in a copy of the recipe"
        )


def check_training_objects(dataset: Dataset, images: Sequence[AnnotatedImage], smoke: bool) -> None:
    """Raise ValueError if no image has an object, or only warn in a trial, which has few images.

    Without objects, the networks would learn that every pixel is background, with a loss near 0.
    """
    if any((image.instances > 0).any() for image in images):
        return
    line = (
        f"{dataset.root}: none of the {len(images)} training images has an annotated object, so the networks "
        "can learn nothing; annotate objects in the split train"
    )
    if not smoke:
        raise ValueError(line)
    warnings.warn(line, stacklevel=2)
