"""A trial of a recipe (``--smoke``): it continues after a stop, and leaves only its untrained model."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import torch

from bench.digests import json_digest
from bench.training.recipe import Recipe
from bench.training.shrink_recipe import MAX_BATCH, MAX_CROP
from bench.training.step_images import StepImages
from bench.training.train_step import delete_checkpoints
from merge_impls.file_writing import atomic_write
from models.training.crop_batches import ImagesOnDisk
from models.training.starting_weights import StartingWeights

KEY_FILE = "trial.key"
"""The file with the digest of the recipe, the images and the starting weights, beside the checkpoints."""


def digest_of_trial(
    recipe: Recipe,
    networks: Sequence[str],
    images: StepImages,
    starts: Mapping[str, StartingWeights],
) -> str:
    """The digest of all that the checkpoints of a trial depend on. All processes of a trial compute it."""
    steps = [step for network in networks for step in recipe.steps_of_network(network)]
    sources = [images.of_step(step) for step in steps]
    return json_digest(
        {
            "recipe": repr(recipe),
            "networks": list(networks),
            "images": [each.digest for each in sources if isinstance(each, ImagesOnDisk)],
            "starts": {network: start.digest for network, start in starts.items()},
        }
    )


def begin_trial(recipe: Recipe, work: Path, digest: str) -> None:
    """Print what the trial does. Keep the checkpoints in ``work`` if they are those of the same trial.

    digest: what ``digest_of_trial`` returns.
    """
    name = recipe.name.removesuffix("-smoke")
    click.echo(f"Trial of {name} (--smoke): {MAX_BATCH} crops of {MAX_CROP} pixels per micro-batch")
    key = work / KEY_FILE
    if not key.is_file() or key.read_text().strip() != digest:
        delete_checkpoints(work)
        with atomic_write(key) as partial:
            partial.write_text(f"{digest}\n")
    elif list(work.glob("*.checkpoint")):
        click.echo(f"The trial continues from its checkpoints in {work}")


def finish_trial(work: Path, folder: Path | None) -> None:
    """Delete the checkpoints of a trial, and print in which folder its model is, if it wrote one."""
    delete_checkpoints(work)
    (work / KEY_FILE).unlink(missing_ok=True)
    click.echo(f"The trial is over{f'; its untrained model is in {folder}' if folder else ''}")


def use_one_thread() -> None:
    """Compute with one thread, as the processes of ``torchrun`` do.

    Threads that wait for each other on the small crops of a trial take longer than they save on a busy
    machine. The losses then do not depend on the number of processes or cores, either.
    """
    torch.set_num_threads(1)
