import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from cityscapesscripts.helpers.annotation import Annotation
from cityscapesscripts.preparation.json2instanceImg import createInstanceImage
from cityscapesscripts.preparation.json2labelImg import createLabelImage
from PIL import Image

import bench
from bench.datasets import open_dataset
from bench.datasets.cityscapes import TUNING_CITY_OF_SCENES
from bench.datasets.scenes import generate

SIZE = (96, 192)
SIZES = {"train": 8, "val": 3}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    generate(folder, SIZES, SIZE, seed=5)
    return folder


def pixels(path):
    with Image.open(path) as picture:
        return np.array(picture)


def pictures(folder):
    return {path.relative_to(folder): pixels(path) for path in sorted(folder.rglob("*.png"))}


def assert_same_pictures(one, other):
    assert one.keys() == other.keys() and one
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_every_image_has_four_files_of_the_requested_size(root):
    dataset = open_dataset("scenes", root)
    for split, count in SIZES.items():
        names = dataset.names(split)
        assert len(names) == count
        for name in names:
            fine = root / "gtFine" / split / f"{name}_gtFine"
            assert dataset.image(split, name).shape == (*SIZE, 3)
            assert pixels(f"{fine}_labelIds.png").dtype == np.uint8
            assert pixels(f"{fine}_instanceIds.png").shape == SIZE
            annotation = json.loads(Path(f"{fine}_polygons.json").read_text())
            assert (annotation["imgHeight"], annotation["imgWidth"]) == SIZE


def test_no_temporary_file_remains(root):
    assert not [path for path in root.rglob(".*")]


def test_the_tuning_slice_is_one_city_of_train(root):
    dataset = open_dataset("scenes", root)
    cities = {split: {name.split("/")[0] for name in dataset.names(split)} for split in SIZES}
    assert TUNING_CITY_OF_SCENES in cities["train"]
    assert len(cities["train"]) > 1
    assert not cities["train"] & cities["val"]


def test_cityscapes_scripts_draw_the_same_label_maps_from_polygons(root):
    files = sorted(root.rglob("*_polygons.json"))
    assert len(files) == sum(SIZES.values())
    for path in files:
        annotation = Annotation()
        annotation.fromJsonFile(str(path))
        stem = str(path).removesuffix("_polygons.json")
        drawn = np.array(createInstanceImage(annotation, "ids"))
        assert np.array_equal(drawn, pixels(f"{stem}_instanceIds.png"))
        drawn = np.array(createLabelImage(annotation, "ids"))
        assert np.array_equal(drawn, pixels(f"{stem}_labelIds.png"))


def test_another_process_makes_the_same_pixels(root, tmp_path):
    program = (
        "import sys; from bench.datasets.scenes import generate;"
        f" generate(sys.argv[1], {SIZES}, {SIZE}, seed=5)"
    )
    clone = Path(bench.__file__).parents[1]
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=True, cwd=clone)
    assert_same_pictures(pictures(root), pictures(tmp_path))


def test_scenes_differ_between_seeds(root, tmp_path):
    generate(tmp_path, {"val": 1}, SIZE, seed=6)
    [picture] = tmp_path.glob("leftImg8bit/val/*/*.png")
    assert not np.array_equal(pixels(picture), pixels(root / picture.relative_to(tmp_path)))


def test_a_second_run_changes_no_file(root):
    reported = []
    made = generate(root, SIZES, SIZE, seed=5, progress=lambda *now: reported.append(now))
    total = sum(SIZES.values())
    assert made == 0
    assert reported == [(done, total) for done in range(1, total + 1)]


def test_only_what_is_missing_is_made_again(root):
    before = pictures(root)
    path = next(root.glob("gtFine/train/*/*_labelIds.png"))
    path.unlink()
    assert generate(root, SIZES, SIZE, seed=5) == 1
    assert_same_pictures(before, pictures(root))


def test_a_stopped_run_is_continued(root, tmp_path):
    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path, SIZES, SIZE, seed=5, progress=stop)
    assert generate(tmp_path, SIZES, SIZE, seed=5) == sum(SIZES.values()) - 2
    assert_same_pictures(pictures(root), pictures(tmp_path))


def test_a_split_can_be_added_later(root, tmp_path):
    generate(tmp_path, {"val": SIZES["val"]}, SIZE, seed=5)
    assert generate(tmp_path, SIZES, SIZE, seed=5) == SIZES["train"]
    assert_same_pictures(pictures(root), pictures(tmp_path))


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"seed": 6}, "seed"),
        ({"size": (96, 193)}, "made with 96x192, not 96x193"),
        ({"split_sizes": {"val": 4}}, "val images"),
    ],
)
def test_a_folder_made_with_other_settings_is_refused(root, changed, word):
    settings = {"split_sizes": SIZES, "size": SIZE, "seed": 5} | changed
    with pytest.raises(ValueError, match=word) as error:
        generate(root, **settings)
    assert "\n" not in str(error.value)


def test_a_folder_of_another_version_is_refused(tmp_path):
    generate(tmp_path, {"val": 0}, SIZE)
    path = tmp_path / "scenes.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": -1}))
    with pytest.raises(ValueError, match="version"):
        generate(tmp_path, {"val": 0}, SIZE)


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_damaged_settings_are_refused(tmp_path, text):
    (tmp_path / "scenes.json").write_text(text)
    with pytest.raises(ValueError, match=r"scenes\.json"):
        generate(tmp_path, {"val": 1}, SIZE)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"split_sizes": {"night": 1}}, "night"),
        ({"split_sizes": {"val": -1}}, "-1"),
        ({"size": (32, 512)}, "32x512"),
        ({"size": (256, 128)}, "give the height before the width: 128 256"),
        ({"seed": -1}, "seed"),
    ],
)
def test_impossible_requests_are_refused(tmp_path, arguments, word):
    with pytest.raises(ValueError, match=word):
        generate(tmp_path / "new", **arguments)
    assert not (tmp_path / "new").exists()
