"""Computing the affinity targets takes at most 5 % of the time of a training step.

    pytest benchmarks -k targets    # with torch's default threads; OMP_NUM_THREADS=1 for one

The steps are those of the recipe ``scenes`` on random images: crops, network, targets, loss, gradients,
optimiser. The targets are timed within each step, so that other load on the machine affects both times.
"""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

STEPS, WARM_UP = 12, 2
MAX_SHARE = 0.05


@pytest.mark.parametrize("stride", [8, 4])
def test_targets_take_little_of_a_training_step(stride, tmp_path, monkeypatch, capsys):
    seconds, whole = time_training_steps(stride, tmp_path / "checkpoint.pt", monkeypatch)
    share = np.median(seconds / whole)
    line = (
        f"output stride {stride}: targets take {100 * share:.1f} % of a training step, "
        f"{1000 * np.median(seconds):.0f} of {1000 * np.median(whole):.0f} ms (medians of {len(whole)})"
    )
    with capsys.disabled():
        print(f"\n{line}")
    assert share <= MAX_SHARE, line


def time_training_steps(stride, checkpoint, monkeypatch):
    """The seconds of the targets and of whole steps, for several steps of the affinity network."""
    from bench.training.recipe import (  # imports torch, which other benchmarks do not need
        RECIPES_FOLDER,
        read_recipe,
    )
    from models.training import train_one_network
    from models.training.schedule_and_optimizer import Phase

    taken, ends = [], [0.0]
    targets = train_one_network.pair_kinds

    def timed(*arguments, **named):
        start = perf_counter()
        kinds = targets(*arguments, **named)
        taken.append(perf_counter() - start)
        return kinds

    plan = read_recipe(RECIPES_FOLDER / "scenes.toml")
    phases = (Phase(STEPS, stride),)
    recipe = replace(plan.affinity, schedule=replace(plan.affinity.schedule, phases=phases))
    distances = [distance for stage in plan.stages for distance in stage]
    monkeypatch.setattr(train_one_network, "pair_kinds", timed)
    train_one_network.train_affinity(
        annotated_images(),
        recipe,
        distances,
        plan.normalisation,
        checkpoint,
        lambda p: ends.append(p.seconds),
    )
    # The first targets are left out: they are computed before the training, to count frequencies.
    return np.array(taken)[-STEPS:][WARM_UP:], np.diff(ends)[WARM_UP:]


def annotated_images():
    """Four images of noise with large square instances: the time does not depend on the content."""
    from models.training.crop_batches import AnnotatedImage

    random = np.random.default_rng(0)
    instances = random.integers(0, 9, (4, 8, 16), dtype=np.int32).repeat(32, 1).repeat(32, 2)
    images = random.integers(0, 256, (4, 256, 512, 3), dtype=np.uint8)
    return [
        AnnotatedImage(image, own.astype(np.uint8), own)
        for image, own in zip(images, instances, strict=True)
    ]
