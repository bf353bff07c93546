"""Whole images are read when a training needs them; their digest is of the files, not of decoded images."""

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from bench.datasets import open_dataset
from bench.training import whole_images
from bench.training.training_images import to_annotated_image
from bench.training.whole_images import WholeImages, digest_of_whole_images


@pytest.fixture
def data(few_scenes, tmp_path):
    """A copy of the few scenes, which a test may change."""
    shutil.copytree(few_scenes, tmp_path / "data")
    return open_dataset("scenes", tmp_path / "data")


@pytest.fixture
def digest(data, few_names, tmp_path):
    """A function that returns the digest of the images of train."""
    return lambda names=few_names: digest_of_whole_images(data, names, tmp_path / "files.json")


def test_images_on_disk_are_those_in_memory(data, few_names):
    on_disk = WholeImages(data, few_names, "", stretch=False)
    in_memory = [to_annotated_image(data.load("train", name)) for name in few_names]
    assert len(on_disk) == len(in_memory) > 2
    for one, other in zip(on_disk, in_memory, strict=True):
        for part in ("image", "semantic", "instances"):
            np.testing.assert_array_equal(getattr(one, part), getattr(other, part))


def test_a_process_keeps_images_up_to_its_limit(data, few_names, monkeypatch):
    first = WholeImages(data, few_names, "", stretch=False)[0]
    size = first.image.nbytes + first.semantic.nbytes + first.instances.nbytes
    monkeypatch.setattr(whole_images, "KEPT_BYTES", 2 * size)
    images = WholeImages(data, few_names, "", stretch=False)
    before = [images[index] for index in range(len(images))]
    again = [images[index] for index in range(len(images))]
    kept = [one is other for one, other in zip(before, again, strict=True)]
    assert kept == [index < 2 for index in range(len(images))]


def test_stretched_images_have_another_digest(data, few_names):
    plain, stretched = (WholeImages(data, few_names, "d", stretch=each) for each in (False, True))
    assert plain.digest != stretched.digest
    assert stretched[0].image.min() == 0 and stretched[0].image.max() == 255


def test_the_digest_follows_the_contents_of_the_files(data, digest, few_names):
    before = digest()
    annotation = data.truth_path("train", few_names[0])
    os.utime(annotation, ns=(1, 1))
    assert digest() == before != digest(few_names[1:])
    ids = np.array(Image.open(annotation))
    Image.fromarray(ids[::-1].copy()).save(annotation)
    assert digest() != before


def test_files_that_have_not_changed_are_not_read_again(data, digest, few_names, monkeypatch):
    before = digest()

    def refuse(*arguments):
        raise AssertionError("a file was hashed")

    monkeypatch.setattr("bench.training.file_stamps.hashlib.file_digest", refuse)
    assert digest() == before
    os.utime(data.image_path("train", few_names[0]), ns=(1, 1))
    with pytest.raises(AssertionError, match="was hashed"):
        digest()
