"""Shrink a recipe for a short trial (``--smoke``).

Networks, losses and optimiser are those of the recipe; steps, crops and images are few and small.
"""

from dataclasses import replace

from bench.training.recipe import Recipe
from models.training.crop_batches import AnnotatedImage
from models.training.training_settings import TrainingSettings

STEPS_PER_PHASE = 2
"""The number of steps in each phase. It is two, so that the second step uses updated weights."""

MAX_CROP, MAX_BATCH, MAX_IMAGES = 65, 2, 2
"""The largest side of a crop in pixels, number of crops in a micro-batch, and number of images of each kind.

The two kinds are the training images and the tuning slice.
"""


def shrink_recipe(recipe: Recipe) -> Recipe:
    """A copy of the recipe with small crops and batches. (``read_recipe`` shortens the phases.)"""

    def with_small_crops_and_batches(network: TrainingSettings) -> TrainingSettings:
        return replace(
            network,
            crop=min(MAX_CROP, network.crop),
            batch=min(MAX_BATCH * network.micro_batches, network.batch),
        )

    return replace(
        recipe,
        name=f"{recipe.name}-smoke",
        semantic=with_small_crops_and_batches(recipe.semantic),
        affinity=with_small_crops_and_batches(recipe.affinity),
        earlier_steps=tuple(
            replace(step, settings=with_small_crops_and_batches(step.settings))
            for step in recipe.earlier_steps
        ),
        smoke=True,
    )


def centre_crop(source: AnnotatedImage, side: int = MAX_CROP) -> AnnotatedImage:
    """The centre of an image, at most ``side`` pixels high and wide."""
    top, left = (max(0, (size - side) // 2) for size in source.semantic.shape)
    window = (slice(top, top + side), slice(left, left + side))
    return AnnotatedImage(source.image[window], source.semantic[window], source.instances[window])
