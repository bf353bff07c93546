"""Train a network in the steps of a recipe (section 5.1), each from the weights of the step before."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.training.recipe import Recipe, TrainingStep
from bench.training.starting_weight_files import print_starting_weights
from bench.training.train_step import checkpoint_path, train_step
from models.training.crop_batches import AnnotatedImage
from models.training.starting_weights import StartingWeights
from models.training.train_one_network import DEFAULT_RESOURCES
from models.training.training_loop import Trainer
from models.training.training_settings import TrainingResources

ImagesOfStep = Callable[[TrainingStep], Sequence[AnnotatedImage]]
"""A function that returns the images of a step."""


def train_in_steps(
    network: str,
    images_of_step: ImagesOfStep,
    recipe: Recipe,
    work: Path,
    start: StartingWeights | None = None,
    resources: TrainingResources = DEFAULT_RESOURCES,
) -> list[Trainer]:
    """Train the network "semantic" or "affinity" in all steps of its recipe. Returns their trainers.

    start: the weights that the first step starts from. Each later step starts from those weights of the step
        before that fit; a line says which did not. The other arguments are those of ``train_step``.
    """
    trainers: list[Trainer] = []
    for step in recipe.steps_of_network(network):
        if trainers:
            start = _weights_of_trainer(trainers[-1])
            checkpoint = checkpoint_path(work, network, step.name)
            print_starting_weights(network, step.settings.network, start, checkpoint)
        trainers.append(
            train_step(network, step, images_of_step(step), recipe, work, start, resources)
        )
    return trainers


def _weights_of_trainer(trainer: Trainer) -> StartingWeights:
    """The weights of a trained network, to start another training from."""
    weights = trainer.network.state_dict()
    total = hashlib.sha256()
    for name, weight in weights.items():
        total.update(name.encode() + weight.cpu().contiguous().numpy().tobytes())
    return StartingWeights(trainer.checkpoint, total.hexdigest(), weights)
