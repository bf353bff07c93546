"""``python -m bench train --smoke``: a trial of each recipe that takes seconds."""

import json
import shutil
import signal

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from safetensors.torch import load_file

from bench import cli, paths
from bench.training.recipe import RECIPES_FOLDER, read_recipe
from bench.training.shrink_recipe import STEPS_PER_PHASE
from models.model_config import read_config
from models.model_folder import NETWORKS
from models.paper_network_configs import deeplabv3_resnet_config
from models.training.schedule_and_optimizer import Phase
from models.training.stop_signals import TrainingStopped
from models.training.training_loop import Trainer

RECIPES = [
    pytest.param(path.stem, marks=[pytest.mark.exhaustive] * path.stem.startswith("paper-resnet"))
    for path in sorted(RECIPES_FOLDER.glob("*.toml"))
]
"""The recipes by name. Those of the paper take longest. They differ from the others in the size of the
networks, which ``test_paper_network_configs.py`` builds, and in SGD and phases, by which
``test_starting_weights_and_sgd.py`` trains tiny networks."""


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    """A folder of images with ten pictures of three squares."""
    root = tmp_path_factory.mktemp("squares")
    for folder in ("images", "labels"):
        (root / "train" / folder).mkdir(parents=True)
    labels = np.zeros((72, 80), np.uint16)
    for number, corner in enumerate([(4, 4), (4, 40), (40, 20)], start=1):
        labels[corner[0] : corner[0] + 24, corner[1] : corner[1] + 24] = number
    for name in range(10):
        picture = (40 + 10 * name + 100 * (labels > 0)).astype(np.uint8)
        Image.fromarray(picture).save(root / "train" / "images" / f"{name}.png")
        Image.fromarray(labels).save(root / "train" / "labels" / f"{name}.png")
    return root


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder of trainings. It is deleted after each test, because it may hold hundreds of megabytes."""
    folder = tmp_path / "runs"
    monkeypatch.setattr(paths, "RUNS", folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def run_train_command(*arguments):
    return CliRunner().invoke(cli.main, ["train", *map(str, arguments)])


@pytest.mark.parametrize("name", RECIPES)
def test_a_smoke_test_of_every_recipe_writes_a_model(name, few_scenes, squares, runs):
    recipe = read_recipe(RECIPES_FOLDER / f"{name}.toml")
    root = squares if recipe.dataset == "folder" else few_scenes
    outcome = run_train_command("--recipe", name, "--smoke", "--root", root)
    assert outcome.exit_code == 0, outcome.output
    model = runs / "train" / f"{name}-smoke" / "model"
    assert f"Trial of {name}" in outcome.output
    assert f"its untrained model is in {model}" in outcome.output
    config, record = (
        read_config(model / "model.toml"),
        json.loads((model / "training.json").read_text()),
    )
    assert config.name == f"{name}-smoke" and config.crop == 65 and record["smoke"] is True
    for network in NETWORKS:
        assert getattr(config, network) == getattr(recipe, network).network
        phases = getattr(recipe, network).schedule.phases
        entry = record["networks"][network]
        assert entry["steps"] == STEPS_PER_PHASE * len(phases)
        earlier = [step["steps"] for step in entry.get("earlier_steps", [])]
        assert earlier == [STEPS_PER_PHASE] * (len(recipe.steps_of_network(network)) - 1)
        assert (model / f"{network}.safetensors").is_file()
    assert record["tuning_slice"]["images"] in (1, 2)
    assert not list(runs.rglob("*.checkpoint"))


@pytest.mark.parametrize("layers", [50, 101])
def test_the_papers_recipes_have_networks_of_the_papers_size(layers):
    recipe = read_recipe(RECIPES_FOLDER / f"paper-resnet{layers}.toml")
    assert recipe.semantic.network == deeplabv3_resnet_config(layers, 9, output_stride=8)
    assert recipe.affinity.network == deeplabv3_resnet_config(layers, 56, output_stride=8)


@pytest.mark.parametrize("layers", [50, 101])
def test_the_papers_recipes_have_the_semantic_steps_of_section_5_1(layers):
    recipe = read_recipe(RECIPES_FOLDER / f"paper-resnet{layers}.toml")
    steps = recipe.steps_of_network("semantic")
    assert [step.settings.network.channels for step in steps] == [19, 9, 9]
    assert [step.mixture for step in steps] == [
        {"fine-images": 1, "coarse-images": 1},
        {"originals": 2, "enlarged": 2, "coarse-patches": 1},
        {"originals": 3, "coarse-patches": 1},
    ]
    assert all(step.settings.schedule.phases[0] == Phase(100_000, 16) for step in steps)
    assert [len(step.settings.schedule.phases) for step in steps] == [1, 1, 2]
    (affinity,) = recipe.steps_of_network("affinity")
    assert affinity.mixture == {"originals": 1, "enlarged": 1}


@pytest.mark.parametrize("layers", [50, 101])
def test_the_papers_recipes_agree_with_section_5_1(layers):
    recipe = read_recipe(RECIPES_FOLDER / f"paper-resnet{layers}.toml")
    for network, steps in (("semantic", 100_000), ("affinity", 120_000)):
        own = getattr(recipe, network)
        schedule = own.schedule
        assert (own.crop, own.batch, schedule.optimizer) == (513, 4 * 16, "sgd")
        first, second = schedule.phases
        assert (first.steps, first.output_stride, second.output_stride) == (steps, 16, 8)
        rates = [schedule.learning_rate_at(step) for step in (0, 14_999, 15_000, 30_000)]
        assert rates == pytest.approx([0.02, 0.02, 0.02 * 0.7, 0.02 * 0.49])


def test_an_option_replaces_the_data_set_of_a_recipe(few_scenes, runs):
    arguments = ("--recipe", "scenes", "--smoke", "--only", "semantic", "--root", few_scenes)
    assert run_train_command(*arguments, "--dataset", "cityscapes").exit_code == 0
    outcome = run_train_command(*arguments, "--dataset", "nowhere")
    assert outcome.exit_code == 2 and "'nowhere' is unknown" in outcome.output


def test_a_data_set_of_other_classes_is_refused_before_training(squares, runs):
    outcome = run_train_command(
        "--recipe", "paper-resnet50", "--dataset", "folder", "--root", squares
    )
    assert outcome.exit_code == 2
    assert "has 1 classes, but recipe paper-resnet50 has 8; set `classes`" in outcome.output
    assert not runs.exists()


def test_a_smoke_test_ignores_old_checkpoints(few_scenes, runs):
    arguments = ("--recipe", "scenes", "--smoke", "--only", "semantic", "--root", few_scenes)
    work = runs / "train" / "scenes-smoke"
    work.mkdir(parents=True)
    (work / "semantic.checkpoint").write_bytes(b"left by a training that was killed")
    assert run_train_command(*arguments).exit_code == 0
    assert not (work / "semantic.checkpoint").exists()


def test_a_stopped_smoke_test_continues_from_its_checkpoints(few_scenes, runs, monkeypatch):
    """It is stopped in the second step of the second network."""
    arguments = ("--recipe", "scenes", "--smoke", "--root", few_scenes)
    save, saved = Trainer.save_checkpoint, []

    def save_and_stop(trainer):
        save(trainer)
        saved.append(trainer.checkpoint.name)
        if trainer.checkpoint.name == "affinity.checkpoint":
            raise TrainingStopped("stopped", signal.SIGTERM)

    monkeypatch.setattr(Trainer, "save_checkpoint", save_and_stop)
    assert run_train_command(*arguments).exit_code == 128 + signal.SIGTERM
    assert saved == ["semantic.checkpoint", "affinity.checkpoint"]
    monkeypatch.setattr(
        Trainer, "save_checkpoint", lambda trainer: saved.append(trainer.checkpoint.name)
    )
    outcome = run_train_command(*arguments)
    assert outcome.exit_code == 0, outcome.output
    assert "The trial continues from its checkpoints" in outcome.output
    assert len(saved) == 2, "no network was trained again"


def test_an_unknown_device_is_an_error_before_images_are_read(runs, tmp_path):
    outcome = run_train_command("--recipe", "scenes", "--root", tmp_path, "--device", "tpu")
    assert outcome.exit_code == 2
    assert outcome.stderr == "Error: device is 'tpu'; it must be 'cpu', 'cuda' or 'cuda:N'\n"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no CUDA device here")
def test_a_smoke_test_on_a_gpu_writes_a_model_for_any_device(few_scenes, runs):
    outcome = run_train_command(
        "--recipe", "scenes", "--smoke", "--root", few_scenes, "--device", "cuda"
    )
    assert outcome.exit_code == 0, outcome.output
    weights = load_file(runs / "train" / "scenes-smoke" / "model" / "affinity.safetensors")
    assert all(weight.isfinite().all() for weight in weights.values())
