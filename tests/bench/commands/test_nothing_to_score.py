"""Images without annotated objects: ``score``, ``tune`` and ``train`` say so in one line."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.evaluation.prediction_writer import write_predictions
from bench.types import Instance
from models.model_config import read_config


@pytest.fixture
def empty(tmp_path):
    """A folder of eight images of the split train without an object, which is also the split val."""
    root = tmp_path / "empty"
    for folder, dtype in (("images", np.uint8), ("labels", np.uint16)):
        (root / "train" / folder).mkdir(parents=True)
        for number in range(8):
            pixels = np.zeros((40, 48), dtype)
            Image.fromarray(pixels).save(root / "train" / folder / f"{number}.png")
    (root / "val").symlink_to(root / "train")
    return root


def bench(*arguments):
    return CliRunner().invoke(cli.main, [*map(str, arguments)])


def last_line(outcome):
    assert outcome.exit_code == 2, outcome.output
    return outcome.stderr.splitlines()[-1]


def test_score_refuses_images_without_objects(empty, tmp_path):
    mask = np.zeros((40, 48), bool)
    mask[:10] = True
    names = [str(number) for number in range(8)]
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    Image.fromarray(np.uint8(mask)).save(theirs / "mask.png")
    for name in names:
        (theirs / f"{name}_pred.txt").write_text("")
    out = tmp_path / "out"
    line = last_line(bench("score", theirs, "--dataset", "folder", "--root", empty, "--out", out))
    assert f"{empty}, split val: no image has an annotated object with at least 1 pixel" in line
    assert "nothing to score; name a split with annotated objects (--split)" in line
    assert not out.exists()


def test_score_refuses_a_split_that_is_void(few, few_names, tmp_path):
    """The test split of Cityscapes: every pixel of its annotation is void."""
    root = tmp_path / "void"
    for name in few_names:
        image = root / "leftImg8bit" / "test" / f"{name}_leftImg8bit.png"
        truth = root / "gtFine" / "test" / f"{name}_gtFine_instanceIds.png"
        for path, pixels in ((image, few.image("train", name)), (truth, np.full((96, 160), 3))):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels.astype(np.uint8)).save(path)
    mask = np.ones((96, 160), bool)
    write_predictions(tmp_path / "x", {name: [Instance(mask, "car", 0.5)] for name in few_names})
    arguments = ["--dataset", "cityscapes", "--root", root, "--split", "test"]
    line = last_line(bench("score", tmp_path / "x", *arguments, "--out", tmp_path / "out"))
    assert "void, split test: no image has an annotated object with at least 100 pixel" in line


def test_score_names_predictions_without_pixels(score, perfect, few_names, tmp_path):
    write_predictions(tmp_path / "theirs", perfect)
    for name in few_names[:2]:
        size = perfect[name][0].shape
        Image.fromarray(np.zeros(size, np.uint8)).save(tmp_path / "theirs" / "none.png")
        with (tmp_path / "theirs" / f"{name}_pred.txt").open("a") as file:
            file.write("none.png 26 0.5\n" if "/" not in name else "../none.png 26 0.5\n")
    outcome = score(tmp_path / "theirs", "--out", tmp_path / "out")
    assert outcome.exit_code == 0, outcome.output
    assert (
        "theirs: 2 predictions whose masks have no pixel are left out (the first: "
        in outcome.stdout
    )
    assert "whose masks have no pixel" in (tmp_path / "out" / "report.md").read_text()


def test_tune_refuses_images_without_objects(empty, random_model, tiny_model, tmp_path):
    config = read_config(tiny_model / "model.toml")
    semantic = replace(config.semantic, channels=2)
    classes = {"classes": ("object",), "super_classes": (("object",),)}
    model = random_model(tmp_path / "model", semantic=semantic, **classes)
    before = (model / "model.toml").read_bytes()
    options = ["--dataset", "folder", "--root", empty, "--cache", tmp_path / "cache"]
    line = last_line(bench("tune", model, *options))
    assert "tuning slice of 2 images: no image has an annotated object" in line
    assert (model / "model.toml").read_bytes() == before


def test_train_refuses_images_without_objects(empty, tmp_path):
    arguments = ["--recipe", "nuclei", "--root", empty, "--out", tmp_path / "model"]
    line = last_line(bench("train", *arguments))
    assert "none of the 6 training images has an annotated object" in line
    assert not (tmp_path / "model").exists()
