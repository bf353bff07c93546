"""Scenes in the full layout of Cityscapes: the splits train_extra and test, and coarse annotations."""

import json

import numpy as np
import pytest
from cityscapesscripts.helpers.annotation import Annotation
from cityscapesscripts.preparation.json2instanceImg import createInstanceImage
from click.testing import CliRunner
from PIL import Image

from bench.cli import main
from bench.datasets import open_dataset
from bench.datasets.cityscapes_labels import LABELS
from bench.datasets.scenes import generate
from bench.datasets.scenes.coarse_annotation import CORNERS, coarse_shapes, polygon_inside
from bench.datasets.scenes.paint import paint_label_maps

SIZE = (128, 256)
SIZES = {"train": 3, "val": 1}


def pixels(path):
    with Image.open(path) as picture:
        return np.array(picture)


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Scenes in the full layout: 3 images of train, 1 of val, 2 of train_extra and 1 of test."""
    root = tmp_path_factory.mktemp("full")
    arguments = "--train 3 --val 1 --train-extra 2 --test 1 --coarse --seed 5 --size"
    command = ["scenes", "--root", str(root), *arguments.split(), *map(str, SIZE)]
    outcome = CliRunner().invoke(main, command)
    assert outcome.exit_code == 0, outcome.output
    return root


def label_maps(root, kind):
    """The labelIds of all images with an annotation of this kind, by split and name."""
    files = sorted((root / kind).rglob("*_labelIds.png"))
    return {(path.parts[-3], path.name.split("_gt")[0]): pixels(path) for path in files}


def test_the_full_layout_has_the_files_of_cityscapes(full):
    folders = {path.relative_to(full).as_posix() for path in full.glob("*/*")}
    assert folders == {
        *(f"leftImg8bit/{split}" for split in ("train", "val", "train_extra", "test")),
        *(f"gtFine/{split}" for split in ("train", "val")),
        *(f"gtCoarse/{split}" for split in ("train", "val", "train_extra")),
    }
    dataset = open_dataset("cityscapes", full)
    assert {split: len(dataset.names(split)) for split in ("train_extra", "test")} == {
        "train_extra": 2,
        "test": 1,
    }
    coarse = [path.name for path in (full / "gtCoarse").rglob("*") if path.is_file()]
    assert len(coarse) == 3 * 6
    assert sum(name.endswith("_gtCoarse_polygons.json") for name in coarse) == 6


def test_the_option_changes_no_file_of_the_fine_annotation(full, tmp_path):
    generate(tmp_path, SIZES, SIZE, seed=5)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".json"]
    assert len(files) == 3 * 4
    for path in files:
        assert path.read_bytes() == (full / path.relative_to(tmp_path)).read_bytes()


def test_coarse_annotations_are_added_to_a_folder_of_fine_ones(full, tmp_path):
    generate(tmp_path, SIZES, SIZE, seed=5)
    assert generate(tmp_path, SIZES, SIZE, seed=5, coarse=True) == 4
    assert generate(tmp_path, SIZES, SIZE, seed=5, coarse=True) == 0
    added = label_maps(tmp_path, "gtCoarse")
    expected = label_maps(full, "gtCoarse")
    assert len(added) == 4
    assert all(np.array_equal(added[key], expected[key]) for key in added)


def test_coarse_labels_are_those_of_the_fine_annotation_or_void(full):
    fine, coarse = label_maps(full, "gtFine"), label_maps(full, "gtCoarse")
    assert len(fine) == 4 and fine.keys() <= coarse.keys()
    for key, labels in fine.items():
        labelled = coarse[key] != LABELS["unlabeled"].id
        assert np.array_equal(coarse[key][labelled], labels[labelled])
        assert 0.2 < labelled.mean() < 0.9


def test_coarse_polygons_have_few_corners_and_draw_the_label_maps(full):
    files = sorted((full / "gtCoarse").rglob("*_polygons.json"))
    for path in files:
        objects = json.loads(path.read_text())["objects"]
        assert {"sky", "road", "car"} & {item["label"] for item in objects}
        assert {len(item["polygon"]) for item in objects} == {CORNERS}
        annotation = Annotation()
        annotation.fromJsonFile(str(path))
        drawn = np.array(createInstanceImage(annotation, "ids"))
        stem = str(path).removesuffix("_polygons.json")
        assert np.array_equal(drawn, pixels(f"{stem}_instanceIds.png"))


def test_an_object_in_two_parts_has_one_polygon_and_stuff_two():
    car, road = 26000, 7
    ids = np.full((60, 120), road, np.int32)
    ids[:, 40:80] = 0
    ids[10:30, 5:25] = ids[35:55, 85:115] = car
    shapes = coarse_shapes(ids)
    assert sorted(shape.label for shape in shapes) == ["car", "road", "road"]
    painted, _ = paint_label_maps(shapes, 120, 60)
    assert (ids[painted > 0] == painted[painted > 0]).all()
    assert (painted[35:55, 85:115] == car).mean() > 0.5


def test_a_polygon_lies_inside_a_concave_mask_and_none_in_a_thin_one():
    ring = np.ones((60, 60), bool)
    ring[18:42, 18:60] = False
    corners = polygon_inside(ring)
    assert ring[corners[:, 1], corners[:, 0]].all()
    thin = np.zeros((60, 60), bool)
    thin[10:14] = True
    assert polygon_inside(thin) is None
