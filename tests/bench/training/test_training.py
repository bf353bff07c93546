from dataclasses import replace

import numpy as np
import pytest
import torch

from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.training.recipe import FOLDER, read_recipe
from bench.training.training_images import annotated_image
from bench.types import VOID
from models.normalisation import Normalisation
from models.training.pair_targets import VOID_INSTANCE
from models.training.schedule import Phase, Schedule
from models.training.train_networks import train_affinity, train_semantic
from models.training.trainer import CheckpointError, save_checkpoint

NETWORKS = ("semantic", "affinity")


class Killed(Exception):
    pass


@pytest.fixture
def sources(few_sources):
    return few_sources[:3]


def shrunk(plan, network, **schedule):
    """The committed recipe on small crops with a narrow network; what it does with them is unchanged."""
    recipe = getattr(plan, network)
    narrow = replace(recipe.network, stem_width=8, widths=(8, 12, 16, 24), aspp_width=12)
    schedule = replace(recipe.schedule, **schedule)
    return replace(recipe, network=narrow, batch=4, crop=64, schedule=schedule)


def run(network, plan, recipe, sources, checkpoint, on_step=lambda progress: None, **how):
    if network == "semantic":
        return train_semantic(sources, recipe, plan.preprocess, checkpoint, on_step, **how)
    distances = sum(plan.stages, ())
    return train_affinity(sources, recipe, distances, plan.preprocess, checkpoint, on_step, **how)


def without_learning(recipe):
    """The recipe on its first batches alone, at a learning rate of nothing: what the weights are worth."""
    phases = (Phase(10, recipe.network.output_stride),)
    return replace(recipe, schedule=replace(recipe.schedule, phases=phases, learning_rate=0.0))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_few_steps_of_the_committed_recipe_lower_the_loss(network, sources, tmp_path):
    """On the same batches before and after, as one batch is much harder than another."""
    plan = read_recipe(FOLDER / "scenes.toml", steps=30)
    recipe = shrunk(plan, network)
    trainer = run(network, plan, recipe, sources, tmp_path / "trained")
    assert len(trainer.progress.losses) == 60
    assert trainer.network.config == recipe.network
    judged = without_learning(recipe)
    untrained = run(network, plan, judged, sources, tmp_path / "untrained")
    start = {**torch.load(tmp_path / "trained"), "losses": [], "recipe": untrained.recipe}
    save_checkpoint(tmp_path / "trained", start)
    trained = run(network, plan, judged, sources, tmp_path / "trained")
    before, after = (np.array(of.progress.losses) for of in (untrained, trained))
    assert after.mean() < before.mean()
    assert (after < before).sum() >= 8


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("killed_at", [2, 5])
def test_a_killed_training_goes_on_as_if_it_had_never_stopped(
    network, killed_at, sources, tmp_path
):
    """Killed after the checkpoint of step 2 or one step past that of step 4, in the finer phase."""
    plan = read_recipe(FOLDER / "scenes.toml", steps=3)
    recipe = shrunk(plan, network, checkpoint_every=2)

    def kill(progress):
        if progress.step == killed_at:
            raise Killed

    whole = run(network, plan, recipe, sources, tmp_path / "whole")
    with pytest.raises(Killed):
        run(network, plan, recipe, sources, tmp_path / "stopped", kill)
    torch.rand(3)  # Whatever else draws random numbers in between changes nothing.
    # Who draws the batches may be another when it goes on.
    resumed = run(network, plan, recipe, sources, tmp_path / "stopped", workers=2)
    assert resumed.progress.losses == whole.progress.losses
    weights = resumed.network.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in whole.network.state_dict().items())


def test_a_finished_training_takes_no_further_step(sources, tmp_path):
    plan = read_recipe(FOLDER / "scenes.toml", steps=1)
    recipe = shrunk(plan, "semantic")
    losses = run("semantic", plan, recipe, sources, tmp_path / "c").progress.losses

    def refuse(progress):
        raise AssertionError("a finished training took a step")

    again = run("semantic", plan, recipe, sources, tmp_path / "c", refuse)
    assert again.progress.losses == losses and len(losses) == 2


def test_a_write_that_is_killed_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "work" / "semantic.checkpoint"
    save_checkpoint(path, {"losses": [1.0]})

    def half(state, partial):
        partial.write_bytes(b"half of a checkp")
        raise Killed

    monkeypatch.setattr(torch, "save", half)
    with pytest.raises(Killed):
        save_checkpoint(path, {"losses": [1.0, 0.5]})
    assert torch.load(path, weights_only=True) == {"losses": [1.0]}


def test_phases_follow_one_another_at_their_strides():
    schedule = Schedule((Phase(3, 16), Phase(2, 8)), learning_rate=1.0, weight_decay=0, warmup=2)
    assert schedule.steps == 5
    assert [schedule.output_stride(step) for step in range(6)] == [16, 16, 16, 8, 8, 8]


def test_strides_of_a_phase_take_turns_and_the_last_is_the_networks_own():
    schedule = Schedule((Phase(2, 16), Phase(5, (16, 8))), 1.0, weight_decay=0, warmup=2)
    strides = [schedule.output_stride(step) for step in range(9)]
    assert strides == [16, 16, 16, 8, 16, 8, 16, 8, 8]


def test_the_scenes_recipe_trains_both_strides_and_leaves_the_fine_one():
    plan = read_recipe(FOLDER / "scenes.toml")
    for recipe in (plan.semantic, plan.affinity):
        schedule = recipe.schedule
        used = {schedule.output_stride(step) for step in range(schedule.steps)}
        assert used == {8, 4}
        assert recipe.network.output_stride == schedule.output_stride(schedule.steps) == 4


def test_the_learning_rate_rises_then_falls_and_never_stops():
    schedule = Schedule((Phase(60, 16), Phase(40, 8)), 2e-3, weight_decay=0, warmup=10)
    rates = [schedule.rate_at(step) for step in range(100)]
    top = int(np.argmax(rates))
    assert 8 <= top <= 10 and rates[top] <= 2e-3
    assert all(np.diff(rates[: top + 1]) > 0) and all(np.diff(rates[top:]) < 0)
    assert rates[-1] > 0


def test_steps_shorten_every_phase_of_a_recipe_and_nothing_else():
    whole, short = (read_recipe(FOLDER / "scenes.toml", steps=steps) for steps in (None, 7))
    for network in NETWORKS:
        before, after = getattr(whole, network), getattr(short, network)
        assert {phase.steps for phase in after.schedule.phases} == {7}
        phases = before.schedule.phases
        assert replace(after, schedule=replace(after.schedule, phases=phases)) == before


def test_void_pixels_are_neither_instance_nor_background(sources, tmp_path):
    generate(tmp_path, {"val": 1}, (160, 96), seed=1)
    dataset = open_dataset("scenes", tmp_path)
    sample = dataset.load("val", dataset.names("val")[0])
    sample.semantic[:4] = VOID
    item = annotated_image(sample)
    assert np.array_equal(item.instances == VOID_INSTANCE, sample.semantic == VOID)
    known = sample.semantic != VOID
    assert np.array_equal(item.instances[known], sample.instances[known])


def test_a_checkpoint_of_another_recipe_is_refused(sources, tmp_path):
    plan = read_recipe(FOLDER / "scenes.toml", steps=1)
    recipe = shrunk(plan, "semantic")
    run("semantic", plan, recipe, sources, tmp_path / "checkpoint")
    others = [(replace(recipe, seed=7), plan, sources), (recipe, plan, sources[1:])]
    others.append((recipe, replace(plan, preprocess=Normalisation((0, 0, 0), (1, 1, 1))), sources))
    for recipe, plan, images in others:
        with pytest.raises(CheckpointError, match="another recipe; delete it"):
            run("semantic", plan, recipe, images, tmp_path / "checkpoint")


def test_a_checkpoint_of_other_distances_is_refused(sources, tmp_path):
    plan = read_recipe(FOLDER / "scenes.toml", steps=1)
    recipe = shrunk(plan, "affinity")
    run("affinity", plan, recipe, sources, tmp_path / "checkpoint")
    others = replace(plan, stages=((1, 2, 4), (8, 16), (24, 48)))
    with pytest.raises(CheckpointError, match="another recipe; delete it"):
        run("affinity", others, recipe, sources, tmp_path / "checkpoint")


def test_a_damaged_checkpoint_is_one_line(sources, tmp_path):
    plan = read_recipe(FOLDER / "scenes.toml", steps=1)
    recipe = shrunk(plan, "semantic")
    checkpoint = tmp_path / "checkpoint"
    run("semantic", plan, recipe, sources, checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match="is damaged") as caught:
        run("semantic", plan, recipe, sources, checkpoint)
    assert "\n" not in str(caught.value)


def test_a_finished_training_that_is_read_again_stands_at_its_last_stride(sources, tmp_path):
    plan = read_recipe(FOLDER / "scenes.toml", steps=1)
    recipe = shrunk(plan, "semantic")
    trainers = [run("semantic", plan, recipe, sources, tmp_path / "checkpoint") for _ in range(2)]
    assert [trainer.network.config.output_stride for trainer in trainers] == [4, 4]
