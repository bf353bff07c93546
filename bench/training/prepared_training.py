"""All that the training of the networks of a recipe needs, once data, weights and processes are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.training.recipe import Recipe
from bench.training.step_images import StepImages
from models.training.starting_weights import StartingWeights
from models.training.training_settings import TrainingResources


@dataclass(frozen=True)
class PreparedTraining:
    """A training that can begin, or whose duration can be estimated.

    networks: the names of the networks to train, in their order.
    images: the images of each step of the recipe.
    work: the folder of the checkpoints.
    starts: by the name of a network, the weights that its first step starts from; without them, it starts
        from random weights.
    resources: the device, the workers, and the processes that have joined the training.
    """

    networks: Sequence[str]
    images: StepImages
    recipe: Recipe
    work: Path
    starts: Mapping[str, StartingWeights]
    resources: TrainingResources
