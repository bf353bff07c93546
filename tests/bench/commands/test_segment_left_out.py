"""``python -m bench segment`` says what it leaves out of pictures: transparency and further pictures."""

import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli


@pytest.fixture
def warnings_of_segment(tiny_model, tmp_path):
    """A function that segments the pictures in a folder and returns the warnings."""

    def run():
        options = ["--model", tiny_model, "--cache", tmp_path / "c", "--out", tmp_path / "out"]
        arguments = ["segment", tmp_path / "pictures", *options]
        outcome = CliRunner().invoke(cli.main, list(map(str, arguments)))
        assert outcome.exit_code == 0, outcome.output
        return [line for line in outcome.stderr.splitlines() if line.startswith("Warning: ")]

    (tmp_path / "pictures").mkdir()
    return run


def test_transparency_and_further_pictures_are_counted(warnings_of_segment, tmp_path):
    folder, red = tmp_path / "pictures", Image.new("RGB", (32, 32), "red")
    Image.new("RGBA", (32, 32), (9, 9, 9, 0)).save(folder / "a.png")
    Image.new("P", (32, 32)).save(folder / "b.png", transparency=0)
    red.save(folder / "c.jpg", format="MPO", save_all=True, append_images=[red])
    assert warnings_of_segment() == [
        "Warning: left out of 2 pictures: transparency (hidden colours are used); "
        f"first: {folder / 'a.png'}",
        "Warning: left out of 1 picture: further pictures in the file (the first is used); "
        f"first: {folder / 'c.jpg'}",
    ]


def test_opaque_pictures_give_no_warning(warnings_of_segment, tmp_path):
    Image.new("RGBA", (32, 32), "red").save(tmp_path / "pictures" / "a.png")
    Image.new("RGB", (32, 32), "red").save(tmp_path / "pictures" / "b.jpg")
    assert warnings_of_segment() == []
