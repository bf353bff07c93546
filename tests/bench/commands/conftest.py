"""Fixtures for ``python -m bench score``: folders of perfect predictions, and of disturbed predictions."""

import numpy as np
import pytest
from click.testing import CliRunner

from bench import cli
from bench.evaluation.prediction_writer import write_predictions
from bench.types import Instance


@pytest.fixture(autouse=True, scope="module")
def fast_workers(forked_workers):
    """Tests of these modules start many workers."""


@pytest.fixture(scope="session")
def perfect(few, few_names):
    """The annotated objects of every image as predictions, all with the same score."""
    found = {}
    for name in few_names:
        sample = few.load("train", name)
        found[name] = []
        for number in range(1, sample.instances.max() + 1):
            mask = sample.instances == number
            class_name = few.class_names[sample.semantic[mask][0] - 1]
            found[name].append(Instance(mask, class_name, 0.5))
    return found


@pytest.fixture(scope="session")
def shaken(perfect):
    """Perfect predictions, randomly moved, lost, repeated, of another class and with other scores."""
    random = np.random.default_rng(0)

    def moved(one):
        class_name = one.class_name if random.random() < 0.9 else "car"
        mask = np.roll(one.mask, random.integers(0, 3), axis=1)
        return Instance(mask, class_name, round(float(random.random()), 2))

    return {
        name: [moved(one) for one in instances for _ in range(random.integers(0, 3))]
        for name, instances in perfect.items()
    }


@pytest.fixture(scope="session")
def prediction_folders(perfect, shaken, tmp_path_factory):
    """The prediction folders "perfect" and "shaken", by name."""
    place = tmp_path_factory.mktemp("predictions")
    write_predictions(place / "perfect", perfect)
    write_predictions(place / "shaken", shaken)
    return place


@pytest.fixture(scope="session")
def score(few_scenes):
    def run(*arguments):
        options = ["--root", few_scenes, "--split", "train"]
        return CliRunner().invoke(cli.main, ["score", *map(str, [*options, *arguments])])

    return run
