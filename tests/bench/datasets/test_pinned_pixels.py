"""The pixels of the generated scenes equal the recorded checksums."""

import numpy as np
import pytest
from PIL import Image

from bench.commands.scenes import check_pinned_checksums
from bench.datasets.scenes import generate, pinned_pixels
from bench.datasets.scenes.scene_files import SPLIT_SIZES


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The folder of a data set with the first image of every city, at the default size and seed."""
    folder = tmp_path_factory.mktemp("pinned")
    generate(folder, {"train": 8, "val": 2})
    return folder


def test_every_city_has_pinned_pixels():
    assert pinned_pixels.read_pinned_digests().keys() == pinned_pixels.scene_ids_by_city().keys()


@pytest.mark.parametrize("city", pinned_pixels.scene_ids_by_city())
def test_the_first_image_of_a_city_has_the_pinned_pixels(root, city):
    first = pinned_pixels.scene_ids_by_city()[city][0]
    assert (
        pinned_pixels.image_digest(root, first)
        == pinned_pixels.read_pinned_digests()[city]["first"]
    )


def test_the_pins_belong_to_the_version_of_the_generator(monkeypatch):
    monkeypatch.setattr(pinned_pixels, "VERSION", 0)
    with pytest.raises(ValueError, match="compute all results again"):
        pinned_pixels.read_pinned_digests()


def test_one_changed_pixel_value_is_reported(root, monkeypatch, capsys):
    small = {"val": 2}
    monkeypatch.setitem(SPLIT_SIZES, "val", 2)
    cities = {
        city: pinned_pixels.city_digests(root, own)
        for city, own in pinned_pixels.scene_ids_by_city(small).items()
    }
    monkeypatch.setattr(pinned_pixels, "read_pinned_digests", lambda: cities)
    assert check_pinned_checksums(root, ["val"]) == []
    assert "all pixels are those" in capsys.readouterr().out

    (city, (scene_id,)) = list(pinned_pixels.scene_ids_by_city(small).items())[1]
    path = scene_id.files(root)["picture"]
    pixels = np.array(Image.open(path))
    pixels[3, 4, 0] ^= 1
    Image.fromarray(pixels).save(path)
    (line,) = check_pinned_checksums(root, ["val"])
    assert f"pixels of {city} are not those" in line and "delete the folder" in line
