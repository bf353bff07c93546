"""No command opens a FIFO or a device, which would block: one line names it."""

import os
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli


def refusal(*arguments):
    """The last line on stderr of a command that refuses its input."""
    outcome = CliRunner().invoke(cli.main, list(map(str, arguments)))
    assert outcome.exit_code == 2, outcome.output
    return outcome.stderr.splitlines()[-1]


@pytest.fixture
def cells(tmp_path):
    """A data set of one image, and the command that scores predictions for it."""
    for folder, pixels in {
        "images": np.zeros((8, 8), np.uint8),
        "labels": np.eye(8, dtype=np.uint8),
    }.items():
        (tmp_path / "cells" / "val" / folder).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "cells" / "val" / folder / "a.png")
    (tmp_path / "predictions").mkdir()
    (tmp_path / "predictions" / "a_pred.txt").write_text("m.png 1 0.5\n")
    return tmp_path / "cells"


def score(cells, out):
    options = ("--dataset", "folder", "--root", cells, "--out", out)
    return refusal("score", cells.parent / "predictions", *options)


def test_a_mask_is_refused(cells, tmp_path):
    os.mkfifo(tmp_path / "predictions" / "m.png")
    line = score(cells, tmp_path / "out")
    assert "a_pred.txt, line 1: mask m.png cannot be read (it is a FIFO" in line


def test_a_list_of_predictions_is_refused(cells, tmp_path):
    (tmp_path / "predictions" / "a_pred.txt").unlink()
    os.mkfifo(tmp_path / "predictions" / "a_pred.txt")
    assert "a_pred.txt: is a FIFO" in score(cells, tmp_path / "out")


def test_a_table_of_classes_is_refused(cells, tmp_path):
    os.mkfifo(cells / "classes.json")
    assert "classes.json: is a FIFO" in score(cells, tmp_path / "out")


@pytest.mark.parametrize("folder", ["images", "labels"])
def test_an_image_or_label_map_is_left_out(cells, tmp_path, folder):
    (cells / "val" / folder / "a.png").unlink()
    os.mkfifo(cells / "val" / folder / "a.png")
    line = score(cells, tmp_path / "out")
    assert "holds no images" in line or "a.png: has no label map" in line


@pytest.mark.parametrize("file", ["model.toml", "affinity.safetensors"])
def test_a_file_of_a_model_is_refused(tiny_model, tmp_path, street, file):
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    (model / file).unlink()
    os.mkfifo(model / file)
    Image.new("RGB", (32, 32)).save(tmp_path / "a.png")
    options = ("--model", model, "--cache", tmp_path / "cache", "--out", tmp_path / "out")
    assert f"{file}: is a FIFO" in refusal("segment", tmp_path / "a.png", *options)


def test_recipes_and_starting_weights_are_refused(tmp_path, few):
    os.mkfifo(tmp_path / "a.toml")
    os.mkfifo(tmp_path / "a.pth")
    assert "a.toml: is a FIFO" in refusal("train", "--recipe", tmp_path / "a.toml", "--smoke")
    line = refusal("train", "--start", tmp_path / "a.pth", "--smoke", "--root", few.root)
    assert "a.pth: is a FIFO" in line


def test_a_study_is_refused(tmp_path):
    os.mkfifo(tmp_path / "s.toml")
    assert "s.toml: is a FIFO" in refusal("run", tmp_path / "s.toml", "--out", tmp_path / "out")
