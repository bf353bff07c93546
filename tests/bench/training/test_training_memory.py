"""The memory of a training does not grow with the number of images: they are read when a crop is cut."""

import json
import re
import shutil
import subprocess
import sys
import weakref

import pytest

from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.paths import ROOT
from bench.training.patches.patch_images import PatchImages
from bench.training.recipe import read_recipe
from bench.training.step_images import StepImages
from models.training.crop_batches import CropBatches
from tests.bench.training.tiny_recipe import write_tiny_recipe

FEW, MANY = 20, 200
SIZE = 256, 512
BYTES_OF_IMAGE = SIZE[0] * SIZE[1] * (3 + 1 + 4)
"""The bytes of the pixels of an image, of its classes and of its instances."""

LONGEST_GROWTH = 30 * BYTES_OF_IMAGE
"""How much more memory a process may take with many images: far less than these images need."""

MIXTURE = "data = { originals = 1, coarse-images = 1 }"


@pytest.fixture
def recipe_file(tmp_path):
    """A recipe that mixes patches, with tiny networks and 80 steps of 8 crops."""
    path = write_tiny_recipe(tmp_path / "patches.toml", steps=40)
    mixed = rf"\g<0>\n{MIXTURE}"
    path.write_text(
        re.sub(r"^\[(semantic|affinity)\]", mixed, path.read_text(), flags=re.MULTILINE)
    )
    return path


def test_one_image_at_a_time_is_read_and_none_is_kept(recipe_file, few, tmp_path, monkeypatch):
    recipe = read_recipe(recipe_file)
    (step,) = recipe.steps_of_network("semantic")
    images = StepImages(few, few.names("train"), recipe, tmp_path).of_step(step)
    read = []

    def read_when_others_are_freed(patches, index):
        assert not [each for each in read if each() is not None]
        image = read_patch(patches, index)
        read.append(weakref.ref(image))
        return image

    read_patch = PatchImages.read
    monkeypatch.setattr(PatchImages, "read", read_when_others_are_freed)
    batches = CropBatches(images, 32, 6, (1.0, 1.5), seed=5)
    assert not read
    kept = [batches[step] for step in range(3)]
    assert len(read) == sum(len(batch.images) for batch in kept) == 18


def copies_of_scenes(root, count):
    """Scenes of train and train_extra: ``count`` copies of one of each, and one scene of the tuning slice."""
    generate(root, {"train": 6, "train_extra": 1}, SIZE)
    dataset = open_dataset("cityscapes", root)
    first, *others = [name for name in dataset.names("train") if "eichstadt" not in name]
    for name in others:
        for path in root.rglob(f"{name.partition('/')[2]}_*"):
            path.unlink()
    for name in (first, *dataset.names("train_extra")):
        files = list(root.rglob(f"{name.partition('/')[2]}_*"))
        for number in range(1, count):
            for path in files:
                copied = re.sub(r"_\d{6}_", f"_{number:06d}_", path.name, count=1)
                shutil.copy(path, path.with_name(copied))


@pytest.mark.exhaustive
def test_the_memory_of_a_training_does_not_grow_with_its_images(recipe_file, tmp_path):
    peaks = {}
    for count in (FEW, MANY):
        copies_of_scenes(tmp_path / f"data{count}", count)
        given = [recipe_file, tmp_path / f"data{count}", tmp_path / f"work{count}"]
        command = [sys.executable, "-m", "tests.bench.training.training_memory", *given]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        peaks[count] = json.loads(done.stdout.splitlines()[-1])
    for process in ("main", "worker"):
        assert peaks[MANY][process] - peaks[FEW][process] < LONGEST_GROWTH, peaks
