"""``python -m bench explain`` draws the merges of one object of a picture, and prints them."""

import json

import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.pipeline import config


@pytest.fixture(scope="module")
def run(street, tiny_model, tmp_path_factory):
    """A function that runs a command on a street with a tiny model; results are in its folder ``out``."""
    folder = tmp_path_factory.mktemp("explain")
    Image.fromarray(street.image("val", street.names("val")[0])).save(folder / "street.png")

    def invoke(command, *more):
        options = ["--model", str(tiny_model), "--cache", str(folder / "cache")]
        arguments = [command, str(folder / "street.png"), *options, *more]
        return CliRunner().invoke(cli.main, [*arguments, "--out", str(folder / "out")])

    invoke.out = folder / "out"
    return invoke


@pytest.fixture(scope="module")
def objects(run):
    """The objects of the street, as ``segment`` describes them."""
    outcome = run("segment")
    assert outcome.exit_code == 0, outcome.output
    return json.loads((run.out / "street.json").read_text(encoding="utf-8"))["instances"]


def test_the_merges_of_an_object_of_segment_are_drawn_and_printed(run, objects):
    largest = max(objects, key=lambda one: one["pixels"])
    outcome = run("explain", "--segment", str(largest["id"]), "--merges", "3")
    assert outcome.exit_code == 0, outcome.output
    title, *lines = outcome.stdout.splitlines()
    assert title.startswith(f"object {largest['id']}, {largest['class']} ")
    assert f": 3 largest of {largest['pixels'] - 1} merges" in title
    assert len(lines) == 3 and all(line.startswith("stage ") for line in lines)
    with Image.open(run.out / f"street-{largest['id']}.png") as picture:
        assert picture.size == (1400, 600)


def test_the_merges_in_an_enlarged_picture_are_drawn(run, street, monkeypatch):
    height = street.image("val", street.names("val")[0]).shape[0]
    monkeypatch.setattr(config, "PLAIN", config.PLAIN.replace(rr=True, roi_height=2 * height))
    outcome = run("explain", "--segment", "1")
    assert outcome.exit_code == 0, outcome.output
    assert (run.out / "street-1.png").exists()


def test_an_object_that_is_not_there_is_an_error_of_one_line(run, objects):
    outcome = run("explain", "--segment", str(len(objects) + 1))
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(
        f"Error: there is no object {len(objects) + 1}; the picture has {len(objects)} objects"
    )
    assert outcome.stderr.count("\n") == 1
