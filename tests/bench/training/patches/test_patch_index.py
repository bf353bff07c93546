"""The index of patches on disk, and the images that a training reads by it."""

import json
import os
import shutil

import numpy as np
import pytest
from cityscapesscripts.helpers.labels import labels as official_labels
from click.testing import CliRunner
from PIL import Image

from bench import cli, paths
from bench.datasets import open_dataset
from bench.datasets.cityscapes import semantic_map_of_all_labels
from bench.training.patches.patch import PATCH_SETS
from bench.training.patches.patch_images import PatchImages
from bench.training.patches.patch_index import read_or_make_index
from bench.types import VOID_CLASS
from models.training.crop_batches import CropBatches
from models.training.pair_targets import VOID_INSTANCE

CROP, SEED = 48, 3
MIXTURE = {"originals": 2, "enlarged": 2, "coarse-patches": 1}


@pytest.fixture
def data(few_scenes, tmp_path):
    """A copy of the few scenes, which a test may change."""
    shutil.copytree(few_scenes, tmp_path / "data")
    return open_dataset("cityscapes", tmp_path / "data")


def make_index(data, path):
    names = {split: data.names(split) for split in ("train", "train_extra")}
    return read_or_make_index(data, names, PATCH_SETS, CROP, SEED, path)


@pytest.fixture
def index_file(tmp_path):
    return tmp_path / "patches.json"


@pytest.fixture
def no_annotation_is_read(monkeypatch):
    """A function after whose call a read of any annotation fails."""

    def refuse(*arguments):
        raise AssertionError("an annotation was read")

    return lambda data: monkeypatch.setattr(type(data), "instance_ids", refuse)


def test_the_sets_have_the_counts_of_the_tree(data, index_file):
    index = make_index(data, index_file)
    counts = {name: len(index.patches_of_set(name)) for name in PATCH_SETS}
    assert counts["fine-images"] == counts["originals"] == len(data.names("train")) == 4
    assert counts["coarse-images"] == len(data.names("train_extra")) == 4
    with_heavy_vehicle = 0
    for name in data.names("train_extra"):
        ids = data.instance_ids("train_extra", name, "gtCoarse")
        values, pixels = np.unique(ids, return_counts=True)
        labels = np.where(values >= 1000, values // 1000, values)
        with_heavy_vehicle += (np.isin(labels, [27, 28, 31]) & (pixels >= 100)).any()
    assert counts["coarse-patches"] == with_heavy_vehicle > 0
    assert 0 < counts["enlarged"] <= 4 * 4
    expected = 2 * (counts["originals"] + counts["enlarged"]) + counts["coarse-patches"]
    assert len(index.mix(MIXTURE)) == expected


def test_the_index_is_kept_and_files_are_not_read_again(data, index_file, no_annotation_is_read):
    first = make_index(data, index_file)
    no_annotation_is_read(data)
    again = make_index(data, index_file)
    assert (again.patches, again.files) == (first.patches, first.files)


def test_a_changed_file_changes_the_digest_and_a_new_time_does_not(data, index_file):
    before = make_index(data, index_file).digest_of_mixture(MIXTURE)
    coarse = make_index(data, index_file).digest_of_mixture({"coarse-images": 1})
    path = data.truth_path("train", data.names("train")[0])
    os.utime(path, ns=(0, 0))
    assert make_index(data, index_file).digest_of_mixture(MIXTURE) == before
    with Image.open(path) as picture:
        ids = np.array(picture)
    ids[0, 0] = 7 if ids[0, 0] != 7 else 8
    Image.fromarray(ids).save(path)
    assert make_index(data, index_file).digest_of_mixture(MIXTURE) != before
    assert make_index(data, index_file).digest_of_mixture({"coarse-images": 1}) == coarse


def test_a_changed_annotation_has_its_patches_chosen_again(data, index_file):
    name = data.names("train")[0]
    make_index(data, index_file)
    ids = np.full(data.instance_ids("train", name, "gtFine").shape, 7, np.uint16)
    Image.fromarray(ids).save(data.truth_path("train", name))
    index = make_index(data, index_file)
    assert index.patches["enlarged"][name] == ()
    assert index.patches["originals"][name][0].window == (0, 0, 96, 160)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"patches": {}, "files": {"a": 1}}'])
def test_a_damaged_index_is_made_again(data, index_file, text):
    first = make_index(data, index_file)
    index_file.write_text(text)
    assert make_index(data, index_file).patches == first.patches
    assert json.loads(index_file.read_text())["settings"]["crop"] == CROP


def test_a_set_without_patches_is_an_error_of_one_line(data, index_file):
    index = make_index(data, index_file)
    for name in index.patches["coarse-patches"]:
        index.patches["coarse-patches"][name] = ()
    with pytest.raises(
        ValueError, match="'coarse-patches' has no patch; add images of train_extra"
    ):
        index.mix(MIXTURE)


def test_the_19_labels_are_those_of_the_official_scripts():
    ids = np.array([[label.id for label in official_labels if label.id >= 0] + [24001, 33999]])
    train_id = {label.id: label.trainId for label in official_labels}
    expected = [train_id[i if i < 1000 else i // 1000] for i in ids[0].tolist()]
    assert semantic_map_of_all_labels(ids).tolist() == [expected]
    assert {0, 18, VOID_CLASS} <= set(expected)


def images_of(data, index_file, all_labels=False):
    index = make_index(data, index_file)
    return PatchImages(data, index.mix(MIXTURE), index.digest_of_mixture(MIXTURE), all_labels)


def test_the_image_of_a_patch_is_its_area_with_the_maps_of_the_area(data, index_file):
    images = images_of(data, index_file)
    for patch, image in zip(images.patches, images, strict=True):
        top, left, height, width = patch.window
        whole = data.image(patch.split, patch.name)
        assert np.array_equal(image.image, whole[top : top + height, left : left + width])
        assert image.semantic.shape == (height, width) and image.scale == patch.scale
        assert np.array_equal(image.instances == VOID_INSTANCE, image.semantic == VOID_CLASS)
        if patch.annotation == "gtFine":
            semantic = data.load("train", patch.name).semantic
            assert np.array_equal(image.semantic, semantic[top : top + height, left : left + width])


def test_all_labels_have_stuff_and_no_instances(data, index_file):
    seen = set()
    for image in images_of(data, index_file, all_labels=True):
        seen |= set(np.unique(image.semantic).tolist())
        assert (image.instances == VOID_INSTANCE).all()
    assert {0, 10, VOID_CLASS} <= seen  # road, sky


@pytest.mark.parametrize("workers", [0, 2])
def test_crops_of_images_on_disk_are_those_of_images_in_memory(data, index_file, workers):
    images = images_of(data, index_file)
    on_disk, in_memory = (CropBatches(each, 32, 3, (1.0, 1.5), 5) for each in (images, [*images]))
    for step, batch in enumerate(on_disk.iterate_batches(range(3), workers)):
        assert (batch.images == in_memory[step].images).all()
        assert (batch.semantic == in_memory[step].semantic).all()
        assert (batch.instances == in_memory[step].instances).all()


def test_a_damaged_picture_is_named_by_a_training_with_workers(data, index_file):
    images = images_of(data, index_file)
    path = data.image_path("train", data.names("train")[0])
    path.write_bytes(path.read_bytes()[:200])
    batches = CropBatches(images, 32, 8, (1.0, 1.0), 5).iterate_batches(range(9), 2)
    with pytest.raises(ValueError, match=str(path)) as error:
        list(batches)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("all_labels", [False, True])
def test_an_unknown_label_is_named_with_its_file(data, index_file, all_labels):
    path = data.truth_path("train", data.names("train")[0])
    images = images_of(data, index_file, all_labels)
    with Image.open(path) as picture:
        size = picture.size
    Image.new("I;16", size, 300).save(path)
    place = [patch.name for patch in images.patches].index(data.names("train")[0])
    with pytest.raises(ValueError, match=f"{path}: holds 300, which is neither a label id"):
        images[place]


def test_a_data_set_without_train_extra_says_how_to_get_it(data):
    shutil.rmtree(data.root / "leftImg8bit" / "train_extra")
    with pytest.raises(FileNotFoundError, match="'train_extra'; make scenes with .* --train-extra"):
        data.names("train_extra")


@pytest.fixture
def run_patches_command(few_scenes, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path / "runs")

    def run(*arguments):
        return CliRunner().invoke(cli.main, ["patches", "--root", str(few_scenes), *arguments])

    return run


def test_the_command_counts_lists_and_draws_the_patches(run_patches_command, tmp_path):
    outcome = run_patches_command("--list", "enlarged", "--draw", "2")
    assert outcome.exit_code == 0, outcome.output
    work = tmp_path / "runs" / "train" / "paper-resnet101"
    table = json.loads((work / "patches.json").read_text())
    assert set(table) == {"settings", "patches", "files"}
    count = sum(len(rows) for rows in table["patches"]["enlarged"].values())
    assert f"enlarged: {count} patches from " in outcome.stdout
    rows = [line.split("\t") for line in outcome.stdout.splitlines() if "\t" in line]
    assert len(rows) == count and all(len(row) == 6 for row in rows)
    assert "semantic, 19-labels: 7 patches (1 x fine-images + 1 x coarse-images)" in outcome.stdout
    with Image.open(work / "patches.png") as picture:
        assert picture.width == 1400


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "scenes"], "recipe scenes mixes no patches"),
        (["--list", "all"], "'all' is not in the recipe; take fine-images, originals"),
        (["--dataset", "folder"], "need the layout of Cityscapes, but data set 'folder'"),
    ],
)
def test_wrong_use_of_the_command_is_an_error_of_one_line(run_patches_command, arguments, message):
    outcome = run_patches_command(*arguments)
    assert outcome.exit_code == 2 and message in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1
