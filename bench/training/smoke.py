"""A recipe cut to a trial of seconds: the same networks, losses, optimiser and phases on next to nothing."""

from dataclasses import replace

from bench.training.recipe import TrainingPlan
from models.training.crop_batches import Annotated
from models.training.train_networks import Recipe

STEPS = 2
"""Of each phase: the second is the first whose weights a step has moved."""

CROP, BATCH, IMAGES = 65, 2, 2
"""Pixels of a crop's side, crops of a batch, and images to learn from and of the tuning slice, at most."""


def smoked(plan: TrainingPlan) -> TrainingPlan:
    """``plan`` with small crops and batches; its phases are shortened where it is read."""

    def cut(recipe: Recipe) -> Recipe:
        return replace(recipe, crop=min(CROP, recipe.crop), batch=min(BATCH, recipe.batch))

    name = f"{plan.name}-smoke"
    return replace(
        plan, name=name, semantic=cut(plan.semantic), affinity=cut(plan.affinity), smoke=True
    )


def middle(source: Annotated, side: int = CROP) -> Annotated:
    """The middle of an image, at most ``side`` pixels high and wide."""
    top, left = (max(0, (size - side) // 2) for size in source.semantic.shape)
    window = (slice(top, top + side), slice(left, left + side))
    return Annotated(source.image[window], source.semantic[window], source.instances[window])
