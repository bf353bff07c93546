"""Fixtures of the tests of ``bench``: small scenes, a model of two tiny random networks, and studies."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.datasets.cityscapes_labels import CLASS_NAMES, SUPER_CLASSES
from bench.datasets.scenes import generate
from bench.evaluation import official
from bench.pipeline.segment import Pipeline
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner
from bench.runner.study import Study, StudyImages
from bench.training.training_images import to_annotated_image
from models.deeplabv3 import DeepLabV3
from models.model_config import MergeConfig, ModelConfig, NetworkConfig
from models.model_folder import NETWORKS, save_model
from tests.bench.study_helpers import quick_scores

STAGES = ((1, 2), (8,))
SMALL = {
    "stem_width": 4,
    "widths": (4, 4, 8, 8),
    "depths": (1, 1, 1, 1),
    "output_stride": 8,
    "multi_grid": (1,),
    "aspp_width": 8,
    "aspp_rates": (1, 2, 3),
}


def random_weights(config: NetworkConfig) -> dict[str, torch.Tensor]:
    """Fill a network with random weights whose predictions differ from pixel to pixel and are uncertain."""
    network = DeepLabV3(config)
    for weight in network.parameters():
        if weight.ndim == 4:
            torch.nn.init.kaiming_normal_(weight)
    return network.state_dict()


def save_random_model(folder, seed=1, **changes):
    """Write a model folder of random networks that predict background and hundreds of segments."""
    merge = MergeConfig((0.85, 0.75), min_object_pixels=20)
    stages = changes.get("stages", STAGES)
    entries = {
        "name": "tiny",
        "classes": CLASS_NAMES,
        "super_classes": SUPER_CLASSES,
        "stages": stages,
        "mean": (0.5, 0.5, 0.5),
        "std": (0.25, 0.25, 0.25),
        "crop": 64,
        "semantic": NetworkConfig(channels=1 + len(CLASS_NAMES), **SMALL),
        "affinity": NetworkConfig(channels=8 * sum(map(len, stages)), **SMALL),
        "merge": {"average": merge, "weighted": merge},
    }
    config = ModelConfig(**(entries | changes))
    torch.manual_seed(seed)
    weights = {name: random_weights(getattr(config, name)) for name in NETWORKS}
    weights["semantic"]["classifier.4.weight"] *= 4
    weights["semantic"]["classifier.4.bias"][0] += 2.5
    weights["affinity"]["classifier.4.bias"] += 2
    save_model(folder, config, weights)
    return folder


@pytest.fixture(scope="session")
def street(tmp_path_factory):
    """A data set of two images of the split val, 128x64 pixels."""
    root = tmp_path_factory.mktemp("street")
    generate(root, {"val": 2}, (64, 128))
    return open_dataset("scenes", root)


@pytest.fixture(scope="session")
def few_scenes(tmp_path_factory):
    """The folder of four scenes of train and four of train_extra, 160x96 pixels.

    One scene of train is the tuning slice. Those of train_extra have a coarse annotation.
    """
    root = tmp_path_factory.mktemp("few")
    generate(root, {"train": 4, "train_extra": 4}, (96, 160), seed=4)
    return root


@pytest.fixture(scope="session")
def few(few_scenes):
    """The data set in the folder ``few_scenes``."""
    return open_dataset("scenes", few_scenes)


@pytest.fixture(scope="session")
def few_names(few):
    return few.names("train")


@pytest.fixture(scope="session")
def few_sources(few, few_names):
    """The training images of ``few_scenes``, in the form that a training takes."""
    return [to_annotated_image(few.load("train", name)) for name in few_names]


@pytest.fixture(scope="session")
def few_study(few, tiny_model, small_study, tmp_path_factory):
    """The folder and the result of a study with both linkages on ``few_scenes``."""
    folder = tmp_path_factory.mktemp("runs") / "ours"
    settings = replace(
        small_study, source=replace(small_study.images, split="train"), scored_alone=()
    )
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path_factory.mktemp("cache")))
    return folder, Runner(ImageProblems(settings, few, pipeline), folder).run()


@pytest.fixture(scope="session")
def random_model():
    """The function ``save_random_model``, for tests that change the model."""
    return save_random_model


@pytest.fixture(scope="session")
def tiny_model(random_model, tmp_path_factory):
    """The folder of a model of random networks. Tests must not change it."""
    return random_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def small_study():
    """A study of two images with both linkages, a backend, the reference and components, without pictures."""
    return Study(
        name="small",
        source=StudyImages("scenes", "val", "tiny", crop=(8, 12)),
        linkages=("average", "weighted"),
        backends=("c",),
        reference="networkx",
        rounds=1,
        scored_alone=("components",),
        pictures=0,
    )


@pytest.fixture
def random_maps():
    """A function make(seed, size, channels, classes) of random affinities and class probabilities."""

    def make(seed, size, channels, classes=8):
        random = np.random.default_rng(seed)
        affinity = random.random((channels, *size), np.float32)
        semantic = random.random((1 + classes, *size), np.float32) ** 4
        return affinity, semantic / semantic.sum(axis=0)

    return make


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(official, "evaluate", quick_scores)


@pytest.fixture(scope="module")
def study_cache(tmp_path_factory):
    return AffinityCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def run_in(street, tiny_model, study_cache):
    """A function run_study(folder, study, model) that runs a study in a folder."""

    def run_study(folder, study, model=tiny_model):
        problems = ImageProblems(study, street, Pipeline(model, study_cache))
        return Runner(problems, folder).run()

    return run_study


@pytest.fixture
def run(run_in, tmp_path):
    """A function that runs a study in the temporary folder of the test."""
    return partial(run_in, tmp_path / "run")


@pytest.fixture
def short_study(small_study):
    """The small study with one linkage, and without components."""
    return replace(small_study, linkages=("average",), scored_alone=())
