"""Shrinks a recipe for a trial of seconds (``--smoke``): same networks, losses and optimiser, little data."""

from dataclasses import replace

from bench.training.recipe import Recipe
from models.training.crop_batches import AnnotatedImage
from models.training.train_one_network import TrainingSettings

STEPS_PER_PHASE = 2
"""Steps of each phase. Two, so that one step uses weights that an earlier step has updated."""

MAX_CROP, MAX_BATCH, MAX_IMAGES = 65, 2, 2
"""The largest side of a crop in pixels, crops in a batch, and images in each part (training, tuning)."""


def shrink_recipe(recipe: Recipe) -> Recipe:
    """The recipe with small crops and batches. ``read_recipe`` shortens the phases."""

    def shrink_network(network: TrainingSettings) -> TrainingSettings:
        return replace(
            network, crop=min(MAX_CROP, network.crop), batch=min(MAX_BATCH, network.batch)
        )

    return replace(
        recipe,
        name=f"{recipe.name}-smoke",
        semantic=shrink_network(recipe.semantic),
        affinity=shrink_network(recipe.affinity),
        smoke=True,
    )


def centre_crop(source: AnnotatedImage, side: int = MAX_CROP) -> AnnotatedImage:
    """Crop the centre of an image to at most ``side`` pixels in height and width."""
    top, left = (max(0, (size - side) // 2) for size in source.semantic.shape)
    window = (slice(top, top + side), slice(left, left + side))
    return AnnotatedImage(source.image[window], source.semantic[window], source.instances[window])
