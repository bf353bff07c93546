"""Bounds of the statistics of val at the default size, checked on a sixth of its images, or a third."""

import numpy as np
import pytest

from bench.datasets import open_dataset
from bench.datasets.cityscapes_labels import CLASS_NAMES
from bench.datasets.scenes import SPLIT_SIZES, compute_statistics, format_statistics, generate
from bench.datasets.scenes.scene import image_seed
from bench.datasets.scenes.scene_files import scene_ids
from bench.evaluation.official import evaluate
from bench.methods.components import connected_components


@pytest.fixture(scope="module", params=[32, pytest.param(64, marks=pytest.mark.exhaustive)])
def scenes(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("val")
    generate(folder, {"val": request.param})
    return open_dataset("scenes", folder)


@pytest.fixture(scope="module")
def counted(scenes):
    return compute_statistics(scenes, "val")


def test_val_has_at_least_two_hundred_scenes(counted):
    assert SPLIT_SIZES["val"] >= 200 and counted["images"] in (32, 64)


@pytest.mark.parametrize("class_name", CLASS_NAMES)
def test_every_class_has_5_instances_in_8_images_that_are_scored(counted, class_name):
    assert counted["visible"][class_name] >= 5 / 8 * counted["images"]


def test_a_quarter_of_the_instances_is_in_several_pieces(counted):
    assert counted["cut_share"] >= 0.25


def test_the_share_of_foreground_is_realistic(counted):
    assert 0.15 <= counted["foreground_share"] <= 0.25


def test_a_small_share_of_pixels_is_void(counted):
    assert 0 < counted["void_share"] < 0.05


def test_the_summary_names_every_class(counted):
    assert all(class_name in format_statistics(counted) for class_name in CLASS_NAMES)


def test_components_of_the_true_classes_do_not_solve_the_scenes(scenes):
    predictions, truth = {}, {}
    for name in scenes.names("val"):
        key = name.split("/")[1]
        semantic = scenes.load("val", name).semantic
        predictions[key] = connected_components(semantic, scenes.class_names, min_object_pixels=99)
        truth[key] = scenes.truth_path("val", name)
    assert 0.35 <= evaluate(predictions, truth).ap <= 0.55


def test_colour_does_not_reveal_the_class(scenes):
    """The mean colours of two classes differ less than the colours within each class."""
    colours = {class_name: [] for class_name in CLASS_NAMES}
    for name in scenes.names("val"):
        sample = scenes.load("val", name)
        for number in range(1, sample.instances.max() + 1):
            mask = sample.instances == number
            class_name = CLASS_NAMES[sample.semantic[mask][0] - 1]
            colours[class_name].append(sample.image[mask].mean(axis=0))
    means = {class_name: np.mean(found, axis=0) for class_name, found in colours.items()}
    spreads = {class_name: np.std(found, axis=0) for class_name, found in colours.items()}
    for one in ("person", "car", "truck", "bus", "train"):
        for other in ("person", "car", "truck", "bus", "train"):
            assert (np.abs(means[one] - means[other]) < spreads[one] + spreads[other]).all()


def test_no_two_images_share_a_seed():
    states = {
        tuple(image_seed(0, scene_id.split, scene_id.city, scene_id.index).generate_state(4))
        for scene_id in scene_ids(SPLIT_SIZES)
    }
    assert len(states) == sum(SPLIT_SIZES.values())


def test_train_and_val_share_no_city():
    cities = {split: set() for split in SPLIT_SIZES}
    for scene_id in scene_ids(SPLIT_SIZES):
        cities[scene_id.split].add(scene_id.city)
    assert not cities["train"] & cities["val"]
