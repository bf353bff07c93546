"""Trainings by the recipe ``scenes``: they learn, continue after a stop, and refuse other checkpoints."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.training.recipe import RECIPES_FOLDER, read_recipe
from bench.training.training_images import to_annotated_image
from bench.types import VOID_CLASS
from models.image_preprocessing import Normalisation
from models.training.pair_targets import VOID_INSTANCE
from models.training.schedule_and_optimizer import Phase
from models.training.train_one_network import train_affinity, train_semantic
from models.training.training_loop import CheckpointError, read_checkpoint, write_checkpoint
from models.training.training_settings import TrainingResources

NETWORKS = ("semantic", "affinity")


class Killed(Exception):
    pass


@pytest.fixture
def sources(few_sources):
    return few_sources[:3]


def narrow_settings(recipe, network, **schedule):
    """The settings of a network in a recipe, but with a narrow network and small crops."""
    own = getattr(recipe, network)
    narrow = replace(own.network, stem_width=8, widths=(8, 12, 16, 24), aspp_width=12)
    schedule = replace(own.schedule, **schedule)
    return replace(own, network=narrow, batch=4, crop=64, schedule=schedule)


def train(network, recipe, own, sources, checkpoint, on_step=lambda progress: None, **how):
    if network == "semantic":
        return train_semantic(sources, own, recipe.normalisation, checkpoint, on_step, **how)
    distances = sum(recipe.stages, ())
    return train_affinity(sources, own, distances, recipe.normalisation, checkpoint, on_step, **how)


def settings_without_learning(own):
    """The settings for ten steps with learning rate 0: the weights stay the same, and losses are measured."""
    phases = (Phase(10, own.network.output_stride),)
    return replace(own, schedule=replace(own.schedule, phases=phases, learning_rate=0.0))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_few_steps_of_the_committed_recipe_lower_the_loss(network, sources, tmp_path):
    """The losses before and after are those of the same batches, because some batches are much harder."""
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=30)
    own = narrow_settings(recipe, network)
    trainer = train(network, recipe, own, sources, tmp_path / "trained")
    assert len(trainer.progress.losses) == 60
    assert trainer.network.config == own.network
    evaluation = settings_without_learning(own)
    untrained = train(network, recipe, evaluation, sources, tmp_path / "untrained")
    state = read_checkpoint(tmp_path / "trained", trainer.fingerprint)
    start = {**state, "losses": [], "recipe": untrained.fingerprint}
    write_checkpoint(tmp_path / "trained", start)
    trained = train(network, recipe, evaluation, sources, tmp_path / "trained")
    before, after = (np.array(trainer.progress.losses) for trainer in (untrained, trained))
    assert after.mean() < before.mean()
    assert (after < before).sum() >= 8


@pytest.fixture(scope="module")
def short_recipe():
    return read_recipe(RECIPES_FOLDER / "scenes.toml", steps=3)


@pytest.fixture(scope="module")
def train_without_stop(short_recipe, few_sources, tmp_path_factory):
    """A function train_without_stop(network): the trainer of a training that no test stops; run once."""

    @cache
    def run(network):
        own = narrow_settings(short_recipe, network, checkpoint_every=2)
        checkpoint = tmp_path_factory.mktemp(network) / "whole"
        return train(network, short_recipe, own, few_sources[:3], checkpoint)

    return run


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("killed_at", [2, 5])
def test_a_killed_training_resumes_to_the_same_weights(
    network, killed_at, short_recipe, train_without_stop, sources, tmp_path
):
    """Step 2 ends with a checkpoint. Step 5 is one step after a checkpoint, in the second phase."""
    recipe, own = short_recipe, narrow_settings(short_recipe, network, checkpoint_every=2)

    def kill(progress):
        if progress.finished_steps == killed_at:
            raise Killed

    whole = train_without_stop(network)
    with pytest.raises(Killed):
        train(network, recipe, own, sources, tmp_path / "stopped", kill)
    # Neither random numbers drawn in between nor another number of workers change the result.
    torch.rand(3)
    resumed = train(
        network, recipe, own, sources, tmp_path / "stopped", resources=TrainingResources(workers=2)
    )
    assert resumed.progress.losses == whole.progress.losses
    weights = resumed.network.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in whole.network.state_dict().items())


def test_a_finished_training_takes_no_further_step(sources, tmp_path):
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=1)
    own = narrow_settings(recipe, "semantic")
    losses = train("semantic", recipe, own, sources, tmp_path / "c").progress.losses

    def refuse(progress):
        raise AssertionError("a finished training took a step")

    again = train("semantic", recipe, own, sources, tmp_path / "c", refuse)
    assert again.progress.losses == losses and len(losses) == 2


def test_the_scenes_recipe_trains_at_both_strides_and_ends_at_the_fine_one():
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml")
    for own in (recipe.semantic, recipe.affinity):
        schedule = own.schedule
        used = {schedule.output_stride_at(step) for step in range(schedule.steps)}
        assert used == {8, 4}
        assert own.network.output_stride == schedule.output_stride_at(schedule.steps) == 4


def test_steps_shorten_every_phase_of_a_recipe_and_nothing_else():
    whole, short = (read_recipe(RECIPES_FOLDER / "scenes.toml", steps=steps) for steps in (None, 7))
    for network in NETWORKS:
        before, after = getattr(whole, network), getattr(short, network)
        assert {phase.steps for phase in after.schedule.phases} == {7}
        phases = before.schedule.phases
        assert replace(after, schedule=replace(after.schedule, phases=phases)) == before


def test_void_pixels_are_neither_instance_nor_background(sources, tmp_path):
    generate(tmp_path, {"val": 1}, (96, 160), seed=1)
    dataset = open_dataset("scenes", tmp_path)
    sample = dataset.load("val", dataset.names("val")[0])
    sample.semantic[:4] = VOID_CLASS
    item = to_annotated_image(sample)
    assert np.array_equal(item.instances == VOID_INSTANCE, sample.semantic == VOID_CLASS)
    known = sample.semantic != VOID_CLASS
    assert np.array_equal(item.instances[known], sample.instances[known])


def test_a_checkpoint_of_another_recipe_is_refused(sources, tmp_path):
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=1)
    own = narrow_settings(recipe, "semantic")
    train("semantic", recipe, own, sources, tmp_path / "checkpoint")
    others = [(replace(own, seed=7), recipe, sources), (own, recipe, sources[1:])]
    others.append(
        (own, replace(recipe, normalisation=Normalisation((0, 0, 0), (1, 1, 1))), sources)
    )
    for own, recipe, images in others:
        with pytest.raises(CheckpointError, match="other settings or images; delete it"):
            train("semantic", recipe, own, images, tmp_path / "checkpoint")


def test_a_checkpoint_of_other_distances_is_refused(sources, tmp_path):
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=1)
    own = narrow_settings(recipe, "affinity")
    train("affinity", recipe, own, sources, tmp_path / "checkpoint")
    others = replace(recipe, stages=((1, 2, 4), (8, 16), (24, 48)))
    with pytest.raises(CheckpointError, match="other settings or images; delete it"):
        train("affinity", others, own, sources, tmp_path / "checkpoint")


def test_a_damaged_checkpoint_is_an_error_of_one_line(sources, tmp_path):
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=1)
    own = narrow_settings(recipe, "semantic")
    checkpoint = tmp_path / "checkpoint"
    train("semantic", recipe, own, sources, checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match="is damaged") as caught:
        train("semantic", recipe, own, sources, checkpoint)
    assert "\n" not in str(caught.value)


def test_a_finished_training_keeps_its_last_stride_when_read(sources, tmp_path):
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=1)
    own = narrow_settings(recipe, "semantic")
    trainers = [train("semantic", recipe, own, sources, tmp_path / "checkpoint") for _ in range(2)]
    assert [trainer.network.config.output_stride for trainer in trainers] == [4, 4]
