"""Measures the peak memory of a training.

    python -m tests.bench.training.training_memory RECIPE ROOT WORK

Trains the semantic network of the recipe with two workers. Prints the peaks in bytes, as JSON: of the main
process, and of the largest worker.
"""

import json
import resource
import sys
from pathlib import Path

import torch

from bench.training.train_from_recipe import train_recipe
from models.training.training_settings import TrainingResources


def peak_bytes(who):
    return 1024 * resource.getrusage(who).ru_maxrss


def main(recipe, root, work):
    torch.set_num_threads(1)
    folder, resources = Path(work), TrainingResources(workers=2, bfloat16=False)
    train_recipe(
        recipe, Path(root), folder / "model", folder, "semantic", None, resources=resources
    )
    peaks = {"main": resource.RUSAGE_SELF, "worker": resource.RUSAGE_CHILDREN}
    print("\n" + json.dumps({name: peak_bytes(who) for name, who in peaks.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
