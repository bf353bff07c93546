"""Trainings that start from weights in a file, and trainings with the paper's optimiser (SGD)."""

import json
from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from bench import cli, paths
from bench.training.recipe import RECIPES_FOLDER, read_recipe
from bench.training.starting_weight_files import (
    print_starting_weights,
    read_weights_by_network,
    starting_weight_files,
)
from bench.training.train_step import train_step
from models.deeplabv3 import DeepLabV3
from models.image_preprocessing import Normalisation
from models.model_config import NetworkConfig
from models.model_folder import NETWORKS
from models.training.schedule_and_optimizer import Phase, Schedule
from models.training.starting_weights import read_starting_weights
from models.training.train_one_network import train_affinity, train_semantic
from models.training.training_loop import CheckpointError
from models.training.training_settings import TrainingSettings

SGD = {"optimizer": "sgd", "momentum": 0.9, "drop": 0.5, "drop_every": 2}
SEED = 2018


class Killed(Exception):
    pass


def train_network(network, sources, recipe, work, start=None):
    """Train a network in the last step of its recipe."""
    (*_, step) = recipe.steps_of_network(network)
    return train_step(network, step, sources, recipe, work, start)


@pytest.fixture
def sources(few_sources):
    return few_sources[:2]


@pytest.fixture
def recipe():
    """The recipe ``scenes`` with narrow networks and small crops."""

    def narrow(own):
        network = replace(own.network, stem_width=8, widths=(8, 12, 16, 24), aspp_width=12)
        schedule = replace(own.schedule, checkpoint_every=2)
        return replace(own, network=network, batch=2, crop=64, schedule=schedule)

    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=3)
    return replace(recipe, **{name: narrow(getattr(recipe, name)) for name in NETWORKS})


def with_schedule(recipe, **entries):
    changed = {
        name: replace(own, schedule=replace(own.schedule, **entries))
        for name in NETWORKS
        for own in [getattr(recipe, name)]
    }
    return replace(recipe, **changed)


def write_and_read_encoder_weights(config, path, seed=5):
    """Write random weights of an encoder to a file, and read them back."""
    torch.manual_seed(seed)
    weights = DeepLabV3(config).state_dict()
    torch.save({n: w for n, w in weights.items() if n.startswith("backbone.")}, path)
    return read_starting_weights(path)


def kill_and_resume_training(network, sources, recipe, work, start=None):
    """Kill a training one step after a checkpoint, in its second phase, and continue it."""

    def kill(progress):
        if progress.finished_steps == 5:
            raise Killed

    own = getattr(recipe, network)
    train, more = (
        (train_semantic, ())
        if network == "semantic"
        else (train_affinity, (sum(recipe.stages, ()),))
    )
    path = work / f"{network}.checkpoint"
    with pytest.raises(Killed):
        train(sources, own, *more, recipe.normalisation, path, kill, start)
    assert path.exists()
    return train_network(network, sources, recipe, work, start)


@pytest.mark.parametrize("has_start", [False, True], ids=["random", "start"])
@pytest.mark.parametrize("network", NETWORKS)
def test_a_killed_training_by_sgd_resumes_to_the_same_weights(
    network, has_start, sources, recipe, tmp_path
):
    """The weights in the checkpoint are used, and the starting weights are not loaded again."""
    recipe = with_schedule(recipe, **SGD, learning_rate=0.02)
    config = getattr(recipe, network).network
    start = write_and_read_encoder_weights(config, tmp_path / "start.pth") if has_start else None
    whole = train_network(network, sources, recipe, tmp_path / "whole", start)
    resumed = kill_and_resume_training(network, sources, recipe, tmp_path / "stopped", start)
    assert isinstance(resumed.optimizer, torch.optim.SGD)
    assert resumed.progress.losses == whole.progress.losses
    weights = resumed.network.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in whole.network.state_dict().items())


def test_a_training_begins_with_the_weights_of_its_start(sources, recipe, tmp_path):
    """With learning rate 0 the weights do not change, so the last weights are the first ones."""
    recipe = with_schedule(recipe, **SGD, learning_rate=0.0)
    start = write_and_read_encoder_weights(recipe.semantic.network, tmp_path / "start.pth")
    trained = train_network("semantic", sources, recipe, tmp_path, start).network
    encoder = {n: w for n, w in trained.named_parameters() if n.startswith("backbone.")}
    assert encoder.keys() <= start.weights.keys()
    assert all(torch.equal(weight, start.weights[name]) for name, weight in encoder.items())


def test_a_checkpoint_with_other_starting_weights_is_refused(sources, recipe, tmp_path):
    start = write_and_read_encoder_weights(recipe.semantic.network, tmp_path / "start.pth")
    train_network("semantic", sources, recipe, tmp_path, start)
    other = write_and_read_encoder_weights(recipe.semantic.network, tmp_path / "other.pth", seed=6)
    for given in (other, None):
        with pytest.raises(CheckpointError, match="other settings or images; delete it"):
            train_network("semantic", sources, recipe, tmp_path, given)


@pytest.mark.parametrize("change", [{"momentum": 0.8}, {"drop": 0.7}, {"drop_every": 3}])
def test_a_checkpoint_with_another_schedule_is_refused(change, sources, recipe, tmp_path):
    train_network("semantic", sources, with_schedule(recipe, **SGD), tmp_path)
    with pytest.raises(CheckpointError, match="other settings or images; delete it"):
        train_network("semantic", sources, with_schedule(recipe, **SGD | change), tmp_path)


def test_old_checkpoints_of_a_plain_recipe_stay_valid(sources, tmp_path):
    """They were written when starting weights and optimisers were not yet options of a recipe."""
    # With fewer than 8 channels, gradients in torch 2.13 (channels last) write past their memory.
    network = NetworkConfig(9, "basic", 8, (8, 8, 16, 16), (1, 1, 1, 1), 8, (1,), 8, (1, 2, 3))
    schedule = Schedule((Phase(1, 8),), 0.002, 0.001, 100)
    own = TrainingSettings(network, schedule, 32, 2, (1.0, 3.0), (0.5,), 2, SEED)
    trainer = train_semantic(
        sources,
        own,
        Normalisation((0.5,) * 3, (0.25,) * 3),
        tmp_path / "c",
        lambda progress: None,
    )
    words, _, digest = trainer.fingerprint.rpartition(" ")
    assert words == (
        "semantic network, Recipe(network=NetworkConfig(channels=9, block='basic', stem_width=8, "
        "widths=(8, 8, 16, 16), depths=(1, 1, 1, 1), output_stride=8, multi_grid=(1,), aspp_width=8, "
        "aspp_rates=(1, 2, 3)), schedule=Schedule(phases=(Phase(steps=1, output_stride=8),), "
        "learning_rate=0.002, weight_decay=0.001, warmup=100, checkpoint_every=200), crop=32, batch=2, "
        "scales=(1.0, 3.0), balance=(0.5,), loss_step=2, seed=2018, turned=False, gamma=1.0), "
        "Input(mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25)), images"
    )
    assert len(digest) == 64
    assert isinstance(trainer.optimizer, torch.optim.AdamW)


def test_the_fingerprint_names_optimiser_and_starting_weights(sources, recipe, tmp_path):
    start = write_and_read_encoder_weights(recipe.semantic.network, tmp_path / "start.pth")
    trainer = train_network("semantic", sources, with_schedule(recipe, **SGD), tmp_path, start)
    assert trainer.fingerprint.endswith(
        f", optimizer sgd, momentum 0.9, drop 0.5, drop_every 2, start {start.digest}"
    )


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"optimizer": "adam"}, "optimizer is 'adam'; it must be 'adamw' or 'sgd'"),
        ({"momentum": 0.9}, "momentum is 0.9, but only optimizer 'sgd' has a momentum: remove it"),
        ({"drop": 0.7}, "drop is 0.7, but drop_every is 0: set drop_every, too"),
    ],
)
def test_an_impossible_optimiser_is_an_error_of_one_line(entries, message, tmp_path):
    more = "".join(f"{name} = {value!r}\n" for name, value in entries.items())
    text = (RECIPES_FOLDER / "scenes.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace("[affinity]\n", f"[affinity]\n{more}"))
    with pytest.raises(ValueError) as error:
        read_recipe(tmp_path / "mine.toml")
    assert str(error.value) == f"{tmp_path / 'mine.toml'}: [affinity]: {message}"


def test_without_shares_all_pairs_weigh_the_same(sources, recipe, tmp_path):
    recipe = replace(recipe, affinity=replace(recipe.affinity, balance=()))
    losses = train_network("affinity", sources, recipe, tmp_path).progress.losses
    # An untrained network predicts about 0.5 for each pair, and -log(0.5) is about 0.69.
    assert losses[0] == pytest.approx(0.69, abs=0.15)


def test_each_network_starts_with_its_own_weights_of_a_model(tiny_model, recipe):
    files = starting_weight_files(tiny_model)
    assert files == {name: tiny_model / f"{name}.safetensors" for name in NETWORKS}
    starts = read_weights_by_network(files, NETWORKS)
    assert starts["semantic"].digest != starts["affinity"].digest
    assert set(starting_weight_files(files["semantic"]).values()) == {files["semantic"]}


def test_a_recipe_may_name_files_of_starting_weights(tmp_path):
    text = (RECIPES_FOLDER / "scenes.toml").read_text()
    text = text.replace("[semantic]\n", '[semantic]\nstart = "some/resnet.pth"\n')
    (tmp_path / "mine.toml").write_text(text)
    starts = read_recipe(tmp_path / "mine.toml").starting_weight_files
    assert {name: path.as_posix() for name, path in starts.items()} == {
        "semantic": "some/resnet.pth"
    }


@pytest.fixture
def run_train_command(few_scenes, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")

    def run(*arguments):
        options = ["train", "--recipe", "scenes", "--root", few_scenes, *arguments]
        return CliRunner().invoke(cli.main, [str(option) for option in options])

    return run


def test_the_command_prints_what_did_not_fit_and_the_record_has_the_file(
    run_train_command, tmp_path
):
    network = read_recipe(RECIPES_FOLDER / "scenes.toml").semantic.network
    start = write_and_read_encoder_weights(network, tmp_path / "encoder.pth")
    outcome = run_train_command("--smoke", "--start", tmp_path / "encoder.pth")
    assert outcome.exit_code == 0, outcome.output
    for name in NETWORKS:
        assert f"{name}: starts from {tmp_path / 'encoder.pth'}: " in outcome.output
    assert "in the network, not in the file: classifier.*" in outcome.output
    (record,) = tmp_path.glob("runs/train/scenes-smoke/model/training.json")
    for name in NETWORKS:
        assert json.loads(record.read_text())["networks"][name]["start"] == {
            "file": "encoder.pth",
            "sha256": start.digest,
            "loaded": len(start.weights),
        }


def test_a_resumed_training_says_that_it_continues(recipe, tmp_path, capsys):
    start = write_and_read_encoder_weights(recipe.semantic.network, tmp_path / "encoder.pth")
    config, checkpoint = recipe.semantic.network, tmp_path / "semantic.checkpoint"
    print_starting_weights("semantic", config, start, checkpoint)
    assert capsys.readouterr().out.startswith("semantic: starts from ")
    checkpoint.touch()
    print_starting_weights("semantic", config, start, checkpoint)
    assert capsys.readouterr().out.startswith(
        "semantic: the training continues from its checkpoint"
    )


@pytest.mark.parametrize(
    ("content", "message"), [(None, "is missing"), ({}, "does not hold weights with names")]
)
def test_a_file_without_weights_is_an_error_before_training(
    content, message, run_train_command, tmp_path
):
    path = tmp_path / "none.pth"
    if content is not None:
        torch.save(content, path)
    outcome = run_train_command("--start", path)
    assert outcome.exit_code == 2 and message in outcome.output
    assert len(outcome.output.splitlines()) == 1 and not (tmp_path / "runs").exists()
