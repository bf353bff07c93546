"""The steps of a recipe (section 5.1): each starts from the weights before, with other classes and data."""

from dataclasses import replace

import pytest
import torch

from bench.training.recipe import RECIPES_FOLDER, read_recipe
from bench.training.step_images import StepImages
from bench.training.train_in_steps import train_in_steps
from models.training.training_loop import CheckpointError

STEPS = """
[[semantic.steps]]
name = "19-labels"
labels = "all"
data = { fine-images = 1, coarse-images = 1 }

[[semantic.steps]]
name = "mixture"
data = { originals = 2, enlarged = 2, coarse-patches = 1 }

[[semantic.steps]]
name = "last"
data = { originals = 3, coarse-patches = 1 }
phases = [{ steps = 3, output_stride = 8 }]

[affinity]
data = { originals = 1, enlarged = 1 }
"""


@pytest.fixture
def recipe_file(tmp_path):
    """The recipe ``scenes`` in three semantic steps, with narrow networks and small crops."""
    text = (RECIPES_FOLDER / "scenes.toml").read_text().replace("[affinity]\n", STEPS)
    for old, new in (
        ("batch = 32", "batch = 2"),
        ("crop = 256", "crop = 64"),
        ("stem_width = 32", "stem_width = 8"),
        ("widths = [32, 48, 64, 96]", "widths = [8, 12, 16, 24]"),
        ("aspp_width = 48", "aspp_width = 12"),
    ):
        text = text.replace(old, new)
    path = tmp_path / "stepped.toml"
    path.write_text(text)
    return path


@pytest.fixture
def recipe(recipe_file):
    return read_recipe(recipe_file, steps=2)


def train(network, few, few_names, recipe, work):
    images = StepImages(few, few_names[:3], recipe, work)
    return train_in_steps(network, images.of_step, recipe, work)


def without_learning(recipe):
    """The recipe with learning rate 0, with which weights stay as they are."""

    def still(settings):
        return replace(settings, schedule=replace(settings.schedule, learning_rate=0.0))

    earlier = tuple(replace(each, settings=still(each.settings)) for each in recipe.earlier_steps)
    return replace(recipe, semantic=still(recipe.semantic), earlier_steps=earlier)


def test_the_steps_of_a_recipe_have_their_own_classes_data_and_phases(recipe):
    first, second, last = recipe.steps_of_network("semantic")
    assert [step.name for step in (first, second, last)] == ["19-labels", "mixture", ""]
    assert [step.settings.network.channels for step in (first, second, last)] == [19, 9, 9]
    assert [step.all_labels for step in (first, second, last)] == [True, False, False]
    assert last.mixture == {"originals": 3, "coarse-patches": 1}
    assert [step.settings.schedule.steps for step in (first, second, last)] == [4, 4, 2]
    (affinity,) = recipe.steps_of_network("affinity")
    assert affinity.mixture == {"originals": 1, "enlarged": 1}


def test_a_recipe_without_steps_has_one_training_on_whole_images():
    recipe = read_recipe(RECIPES_FOLDER / "scenes.toml")
    for network in ("semantic", "affinity"):
        (step,) = recipe.steps_of_network(network)
        assert (step.name, step.mixture, step.all_labels) == ("", {}, False)
        assert step.settings == recipe.settings_of_network(network)


def test_each_step_starts_from_the_weights_before(recipe, few, few_names, tmp_path, capsys):
    """With learning rate 0 a step returns the weights that it started from."""
    trainers = train("semantic", few, few_names, without_learning(recipe), tmp_path)
    first, second, last = (dict(trainer.network.named_parameters()) for trainer in trainers)
    new = {name for name in first if not torch.equal(first[name], second[name])}
    assert new == {"classifier.4.weight", "classifier.4.bias"}
    assert second["classifier.4.weight"].shape[0] == 9
    assert all(torch.equal(second[name], last[name]) for name in last)
    lines = capsys.readouterr().out.splitlines()
    assert f"semantic: starts from {tmp_path}/semantic-19-labels.checkpoint: " in lines[0]
    assert lines[1].startswith("  2 of another shape: classifier.4.bias [19], in the network [9]")


def test_a_training_stopped_in_its_second_step_resumes_to_the_same_weights(
    recipe, few, few_names, tmp_path
):
    whole = train("semantic", few, few_names, recipe, tmp_path / "whole")
    train("semantic", few, few_names, recipe, tmp_path / "stopped")
    (tmp_path / "stopped" / "semantic.checkpoint").unlink()
    resumed = train("semantic", few, few_names, recipe, tmp_path / "stopped")
    assert [each.progress.losses for each in resumed] == [each.progress.losses for each in whole]
    assert [len(each.progress.losses) for each in whole] == [4, 4, 2]
    weights = whole[-1].network.state_dict()
    assert all(torch.equal(weights[k], v) for k, v in resumed[-1].network.state_dict().items())


def test_a_checkpoint_of_another_mixture_is_refused(recipe, few, few_names, tmp_path):
    train("affinity", few, few_names, recipe, tmp_path)
    other = replace(recipe, mixtures=recipe.mixtures | {"affinity": {"fine-images": 1}})
    with pytest.raises(CheckpointError, match="other settings or images"):
        train("affinity", few, few_names, other, tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("originals = 1,", "original = 1,", r"data: the set 'original' is unknown; take fine-"),
        ('labels = "all"', "labels = 19", "labels is 19; it must be 'classes' or 'all'"),
        ('name = "last"', 'name = "last"\nlabels = "all"', "only a step of the semantic network"),
    ],
)
def test_a_wrong_step_is_an_error_of_one_line(recipe_file, old, new, message):
    text = recipe_file.read_text()
    assert old in text
    recipe_file.write_text(text.replace(old, new))
    with pytest.raises(ValueError, match=message) as error:
        read_recipe(recipe_file)
    assert "\n" not in str(error.value) and str(error.value).startswith(str(recipe_file))
