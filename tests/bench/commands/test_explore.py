"""``python -m bench explore`` shows the affinities of one pixel of an annotated image."""

import numpy as np
import pytest
from click.testing import CliRunner

from bench import cli
from bench.commands.explore import innermost_pixel_of_largest_instance
from models.model_config import read_config


@pytest.fixture
def explore(street, tmp_path):
    def run(model, name, *more):
        options = {"--root": street.root, "--model": model, "--cache": tmp_path / "cache"}
        options |= {"--out": tmp_path / "out"}
        arguments = [str(part) for option in options.items() for part in option]
        outcome = CliRunner().invoke(cli.main, ["explore", name, *arguments, *map(str, more)])
        return outcome, sorted(path.name for path in (tmp_path / "out").glob("*"))

    return run


def test_the_middle_of_the_largest_instance_is_drawn(explore, street, tiny_model):
    name = street.names("val")[0]
    outcome, pictures = explore(tiny_model, name)
    assert outcome.exit_code == 0, outcome.output
    row, column = innermost_pixel_of_largest_instance(name, street.load("val", name).instances)
    assert pictures == [f"{name.split('/')[1]}_{row}_{column}.png"]
    assert pictures[0] in outcome.stdout and f"row {row}, column {column}: " in outcome.stdout


def test_any_pixel_can_be_chosen(explore, street, tiny_model):
    _, pictures = explore(tiny_model, street.names("val")[1], "--pixel", 3, 100)
    assert [picture.endswith("_3_100.png") for picture in pictures] == [True]


def test_explore_enlarges_the_image_as_the_model_does(explore, street, random_model, tmp_path):
    model = random_model(tmp_path / "large", enlarge_to=96)
    assert read_config(model / "model.toml").enlarge_to == 96
    outcome, pictures = explore(model, street.names("val")[0], "--pixel", 63, 127)
    assert outcome.exit_code == 0, outcome.output
    assert len(pictures) == 1


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("no_such_image", (), "has no image 'no_such_image'; take one of "),
        (None, ("--pixel", 64, 0), "--pixel 64 0 is outside "),
        (None, ("--split", "test"), "holds no images of split 'test'"),
    ],
)
def test_a_missing_image_pixel_or_split_is_a_one_line_error(
    explore, street, tiny_model, name, more, message
):
    outcome, pictures = explore(tiny_model, name or street.names("val")[0], *more)
    assert outcome.exit_code == 2
    assert message in outcome.stderr and len(outcome.stderr.splitlines()) == 1
    assert not pictures


def test_the_default_pixel_is_deep_inside_the_largest_instance():
    instances = np.zeros((20, 30), np.int32)
    instances[2:7, 2:7], instances[10:19, 5:25] = 1, 2
    row, column = innermost_pixel_of_largest_instance("a", instances)
    assert row == 14 and 9 <= column <= 20
    with pytest.raises(ValueError, match="a has no instance"):
        innermost_pixel_of_largest_instance("a", np.zeros((4, 4), np.int32))
