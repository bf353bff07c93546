"""Images per second of a training step: as it is, and with each of its accelerations switched off or on.

    pytest benchmarks -k images_per_second    # on a GPU if PyTorch finds one, else on the CPU; minutes

The step is that of the recipe ``paper-resnet50``, with small crops. They are cut from files, as those of a
data set that does not fit in memory. The variants take turns, so that other load on the machine affects all
of them. Their losses must be equal within rounding; the times are printed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pytest

ROUNDS, STEPS, WARM_UP = 5, 9, 3
"""How often each variant trains, the steps of each such training, and how many of them are not timed."""

CROP, BATCH = 257, 4
"""The side of a crop in pixels, and the number of crops of a step."""

IMAGE_SIZE = (512, 1024)
"""The height and width of the images in pixels."""

LOSS_DIFFERENCE = 0.02
"""The largest relative difference of the first losses. Convolutions may compute in bfloat16."""


def change_nothing(patch):
    """Leave the step as it is."""


def use_channels_first(patch):
    """Let the channels be the first axis of weights and images in memory."""
    from models.image_preprocessing import Normalisation
    from models.training import training_loop

    normalise = Normalisation.__call__
    patch.setattr(training_loop, "use_channels_last", lambda network: network)
    patch.setattr(
        Normalisation, "__call__", lambda self, images: normalise(self, images).contiguous()
    )


def choose_optimizer(fused, patch):
    """Let the optimiser update all weights at once (``fused`` is True), or as PyTorch chooses (None)."""
    from models.training.schedule_and_optimizer import Schedule

    make = Schedule.make_optimizer

    def make_with_choice(schedule, network):
        optimizer = make(schedule, network)
        for group in optimizer.param_groups:
            group["fused"] = fused
        return optimizer

    patch.setattr(Schedule, "make_optimizer", make_with_choice)


def choose_reading(at_once, patch):
    """Let the training read each loss before the update (``at_once``), or only after some steps."""
    from models.training import train_one_network
    from models.training.training_loop import Trainer

    def make_with_choice(*arguments):
        trainer = Trainer(*arguments)
        trainer.reads_at_once = at_once
        return trainer

    patch.setattr(train_one_network, "Trainer", make_with_choice)


@dataclass(frozen=True)
class Variant:
    """A way to compute the step.

    change: a function that changes the program with a ``MonkeyPatch``. workers: the number of workers.
    """

    name: str
    change: Callable[[pytest.MonkeyPatch], None] = change_nothing
    workers: int = 0


VARIANTS = [
    Variant("as it is"),
    Variant("channels first", use_channels_first),
    Variant("optimiser not fused", partial(choose_optimizer, None)),
    Variant("optimiser fused", partial(choose_optimizer, True)),
    Variant("loss read at once", partial(choose_reading, True)),
    Variant("loss read late", partial(choose_reading, False)),
    Variant("1 worker", workers=1),
    Variant("2 workers", workers=2),
]


def test_images_per_second_of_a_training_step(tmp_path, monkeypatch, capsys):
    import torch  # other benchmarks do not need it

    device = "cuda" if torch.cuda.is_available() else "cpu"
    train = prepare_training(tmp_path, device, monkeypatch)
    speeds = {variant.name: [] for variant in VARIANTS}
    first_losses = {variant.name: [] for variant in VARIANTS}
    for _ in range(ROUNDS):
        for variant in VARIANTS:
            speed, losses = train(variant)
            speeds[variant.name].append(speed)
            first_losses[variant.name].append(losses[0])
    with capsys.disabled():
        print(f"\n{device}, {BATCH} crops of {CROP} pixels in a step, {ROUNDS} rounds")
        print("\n".join(lines_of_speeds(speeds)))
    expected = first_losses[VARIANTS[0].name][0]
    for name, losses in first_losses.items():
        assert losses == pytest.approx([expected] * ROUNDS, rel=LOSS_DIFFERENCE), name


def lines_of_speeds(speeds):
    """A line for each variant: images per second, and their ratio to the first variant in the same round."""
    base = np.array(speeds[VARIANTS[0].name])
    for name, of_rounds in speeds.items():
        low, middle, high = np.percentile(np.array(of_rounds) / base, (25, 50, 75))
        yield (
            f"{name:20} {np.median(of_rounds):7.3f} images/s, {middle:.3f} times the step as it is "
            f"(quartiles {low:.3f} to {high:.3f})"
        )


def prepare_training(folder, device, monkeypatch):
    """A function that trains a variant, and returns its images per second and the losses of its steps."""
    from bench.datasets import open_dataset
    from bench.datasets.scenes import generate
    from bench.training import whole_images
    from bench.training.recipe import read_recipe, recipe_path
    from models.training.schedule_and_optimizer import Phase

    monkeypatch.setattr(whole_images, "KEPT_BYTES", 0)
    generate(folder / "data", {"train": 8}, IMAGE_SIZE)
    data = open_dataset("scenes", folder / "data")
    sources = whole_images.WholeImages(data, data.names("train"), "the same images", stretch=False)
    recipe = read_recipe(recipe_path("paper-resnet50"))
    schedule = replace(recipe.semantic.schedule, phases=(Phase(STEPS, 16),))
    small = {"crop": CROP, "batch": BATCH, "micro_batches": 1}
    settings = replace(recipe.semantic, schedule=schedule, **small)
    return partial(train_variant, sources, settings, recipe.normalisation, folder, device)


def train_variant(sources, settings, normalisation, folder, device, variant):
    """Train in new steps. Returns the images per second of the timed ones, and the losses of all steps."""
    from models.training import train_one_network
    from models.training.training_settings import TrainingResources

    ends, checkpoint = [], folder / "checkpoint"
    checkpoint.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        variant.change(patch)
        trainer = train_one_network.train_semantic(
            sources,
            settings,
            normalisation,
            checkpoint,
            lambda progress: ends.append(progress.seconds),
            resources=TrainingResources(device, variant.workers),
        )
    # A GPU has computed all steps when their losses are read: after the third and after the last one.
    return BATCH * (STEPS - WARM_UP) / (ends[-1] - ends[WARM_UP - 1]), trainer.progress.losses
