"""The committed models, and the records of their trainings."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.numpy import load

import models
from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.runner.study_file import read_study
from bench.training.recipe import RECIPES_FOLDER, read_recipe
from bench.training.train_from_recipe import train_recipe
from bench.training.train_in_steps import train_in_steps
from bench.training.training_images import to_annotated_image
from bench.training.write_model import write_model
from models.kept_files import read_kept_file
from models.model_folder import NETWORKS, load_model

TRAINED_MODELS = Path(models.__file__).parent / "trained"
COMMITTED = sorted(path for path in TRAINED_MODELS.glob("*") if path.is_dir())
LARGEST = 6_000_000
KINDS = {"same", "other", "outside", "negatives"}

committed = pytest.mark.parametrize("folder", COMMITTED, ids=lambda folder: folder.name)


def assert_whole_record(folder):
    """Check that the record says how the model was trained and how good its networks are."""
    config = load_model(folder).config
    record = json.loads((folder / "training.json").read_text())
    assert isinstance(record["seed"], int)
    assert record["machine"]["processor"] and record["machine"]["cores"] >= 1
    for name in NETWORKS:
        history = record["networks"][name]
        assert history["steps"] > 0 and history["seconds"] > 0
        assert 0 < len(history["losses"]) <= history["steps"]
    measured = record["tuning_slice"]
    assert set(measured["semantic"]) == {"background", *config.classes}
    assert set(measured["affinity"]) == {str(distance) for distance in config.distances}
    for recalls in measured["affinity"].values():
        assert set(recalls) == KINDS
        assert all(0 <= recall <= 1 for recall in recalls.values())
    return record


def test_the_model_of_the_default_study_is_committed():
    assert read_study("default").source.model in [folder.name for folder in COMMITTED]


@committed
def test_a_committed_model_is_small(folder):
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= LARGEST


@committed
def test_committed_weights_have_a_checksum(folder):
    for name in NETWORKS:
        kept = read_kept_file(folder / f"{name}.safetensors", load)
        assert kept.key == {"network": name} and kept.arrays


@committed
def test_a_committed_model_loads_and_has_its_record(folder):
    assert_whole_record(folder)


@committed
def test_the_losses_of_a_committed_model_fell(folder):
    """The loss fell if the training started from random weights; otherwise the record names the start."""
    record = json.loads((folder / "training.json").read_text())
    for name in NETWORKS:
        history = record["networks"][name]
        if "start" in history:
            assert history["start"]["loaded"] > 0 and len(history["start"]["sha256"]) == 64
        else:
            assert history["losses"][-1] < history["losses"][0]


def test_a_training_leaves_a_model_folder_with_its_record(tmp_path):
    plan = read_recipe(RECIPES_FOLDER / "scenes.toml", steps=2)
    changes = {}
    for name in NETWORKS:
        recipe = getattr(plan, name)
        narrow = replace(recipe.network, stem_width=8, widths=(8, 12, 16, 24), aspp_width=12)
        changes[name] = replace(recipe, network=narrow, batch=2, crop=64)
    plan = replace(plan, **changes)
    generate(tmp_path / "scenes", {"train": 2}, (96, 128), seed=2)
    dataset = open_dataset("scenes", tmp_path / "scenes")
    samples = [dataset.load("train", name) for name in dataset.names("train")]
    sources = [to_annotated_image(sample) for sample in samples]
    trainers = {
        name: train_in_steps(name, lambda step: sources[:1], plan, tmp_path) for name in NETWORKS
    }
    out = tmp_path / "model"
    write_model(out, plan, trainers, sources[1:], dataset.class_names, dataset.super_classes)
    record = assert_whole_record(out)
    assert record["seed"] == plan.semantic.seed and record["recipe"] == plan.text
    assert record["tuning_slice"]["images"] == 1
    assert [record["networks"][name]["steps"] for name in NETWORKS] == [4, 4]
    assert not list(out.glob("*.partial"))


def test_without_a_tuning_slice_nothing_is_trained(tmp_path):
    generate(
        tmp_path / "data", {"train": 3}, (64, 128), seed=1
    )  # too few images for a tuning slice
    with pytest.raises(
        ValueError, match="0 of 3 images .* held out .* generate more .`python -m bench scenes`"
    ):
        train_recipe("scenes", tmp_path / "data", tmp_path / "model", tmp_path / "work", None, 1)
    assert not (tmp_path / "work").exists() and not (tmp_path / "model").exists()


def test_an_unknown_recipe_names_those_there_are(tmp_path):
    with pytest.raises(
        ValueError,
        match="no recipe 'nope' in .*; take one of nuclei, paper-resnet101, paper-resnet50, scenes",
    ):
        train_recipe("nope", None, tmp_path / "model", tmp_path / "work", None, None)
