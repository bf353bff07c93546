"""A folder of images and label maps as a data set, and the errors for files that cannot be read."""

import json
import unicodedata
import warnings
from itertools import product

import numpy as np
import pytest
import tifffile
from PIL import Image

from bench.datasets import open_dataset
from bench.datasets.image_folder import FOLDS, ImageFolder, fold_of_name
from bench.picture_files.file_listing import FileListingWarning
from bench.picture_files.picture_reading import read_label_map, read_rgb
from bench.training.recipe import RECIPES_FOLDER, read_recipe
from bench.training.training_images import split_training_images

LABELS = np.array([[0, 7, 7, 0], [0, 0, 300, 300], [65535, 0, 0, 0]], dtype=np.uint16)
PICTURE = np.arange(12, dtype=np.uint8).reshape(3, 4)


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.fixture
def root(tmp_path):
    """The folder of a data set of one image. Its path has spaces and umlauts."""
    root = tmp_path / "mein Ordner ü"
    save(root / "val" / "images" / "Größe 1.png", PICTURE)
    save(root / "val" / "labels" / "Größe 1.png", LABELS)
    return root


def test_objects_are_numbered_in_raster_order_and_have_one_class(root):
    dataset = open_dataset("folder", root)
    assert dataset.class_names == ("object",)
    (name,) = dataset.names("val")
    sample = dataset.load("val", name)
    assert name == "Größe 1"
    assert sample.image.shape == (3, 4, 3) and sample.image.dtype == np.uint8
    assert sample.instances.tolist() == [[0, 1, 1, 0], [0, 0, 2, 2], [3, 0, 0, 0]]
    assert sample.semantic.tolist() == (LABELS > 0).astype(int).tolist()
    annotation = dataset.annotation("val", name)
    np.testing.assert_array_equal(annotation.objects, sample.instances)
    assert annotation.classes.tolist() == [0, 0, 0]


def test_classes_json_gives_the_class_of_each_object(root):
    table = {"classes": ["leaf", "stem"], "objects": {"Größe 1": {"300": "stem"}}}
    (root / "classes.json").write_text(json.dumps(table), encoding="utf-8")
    dataset = open_dataset("folder", root)
    assert dataset.super_classes == (("leaf",), ("stem",))
    assert dataset.load("val", "Größe 1").semantic.tolist() == [
        [0, 1, 1, 0],
        [0, 0, 2, 2],
        [1, 0, 0, 0],
    ]
    assert dataset.annotation("val", "Größe 1").classes.tolist() == [0, 1, 0]
    assert root / "classes.json" in dataset.annotation_files("val", ["Größe 1"])


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"classes": []}',
        '{"classes": ["a", "a"]}',
        '{"classes": ["a"], "objects": {"i": {"x": "a"}}}',
    ],
)
def test_an_invalid_classes_json_is_refused(root, text):
    (root / "classes.json").write_text(text)
    with pytest.raises(ValueError, match="classes.json: is not"):
        open_dataset("folder", root).load("val", "Größe 1")


def test_an_object_of_an_unknown_class_is_refused(root):
    table = {"classes": ["leaf"], "objects": {"Größe 1": {"300": "root"}}}
    (root / "classes.json").write_text(json.dumps(table))
    with pytest.raises(ValueError, match="Größe 1 has an object of class 'root'; add this class"):
        open_dataset("folder", root).load("val", "Größe 1")


def test_an_image_without_labels_or_the_reverse_is_refused(root):
    dataset = open_dataset("folder", root)
    extra = save(root / "val" / "images" / "b.png", PICTURE)
    with pytest.raises(ValueError, match="b.png: has no label map; put images in val/images"):
        dataset.names("val")
    extra.unlink()
    save(root / "val" / "labels" / "c.png", LABELS)
    with pytest.raises(ValueError, match="c.png: has no image"):
        dataset.names("val")
    with pytest.raises(FileNotFoundError, match="images: holds no image"):
        dataset.names("train")
    with pytest.raises(FileNotFoundError, match="is not a folder; .*--root.* train or val"):
        open_dataset("folder", root / "nowhere")


def test_two_images_of_the_same_name_are_refused(root):
    save(root / "val" / "images" / "Größe 1.tif", PICTURE)
    with pytest.raises(ValueError, match="Größe 1.png has the same name"):
        open_dataset("folder", root).names("val")


def test_a_label_map_of_another_size_is_refused(root):
    save(root / "val" / "labels" / "Größe 1.png", LABELS[:2])
    with pytest.raises(ValueError, match=r"is 2x4 pixels \(height x width\), its image 3x4"):
        open_dataset("folder", root).load("val", "Größe 1")


def test_a_fold_depends_only_on_the_name():
    names = [f"image {number}" for number in range(500)]
    sizes = np.bincount([fold_of_name(name) for name in names], minlength=FOLDS)
    assert sizes.min() > 70
    assert fold_of_name("image 0") == fold_of_name("image 0", FOLDS)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "CMYK"])
def test_pictures_of_any_mode_are_read_as_rgb(tmp_path, mode):
    suffix = "tif" if mode == "CMYK" else "png"
    path = tmp_path / f"a.{suffix}"
    grey = Image.fromarray(np.repeat(PICTURE[:, :, None] * 20, 3, axis=2))
    grey.convert(mode).save(path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_rgb(path, "")
    assert found.shape == (3, 4, 3) and found.dtype == np.uint8
    assert found.min() < 20 and found.max() > 200


def test_an_alpha_channel_is_ignored(tmp_path):
    pixels = np.dstack([np.full((2, 2, 3), 90), np.zeros((2, 2))]).astype(np.uint8)
    assert (
        read_rgb(save(tmp_path / "a.png", pixels), "").tolist() == np.full((2, 2, 3), 90).tolist()
    )


def test_the_range_of_16_bit_pictures_is_stretched_to_8_bits(tmp_path):
    found = read_rgb(save(tmp_path / "a.png", np.array([[100, 300], [500, 1100]], np.uint16)), "")
    assert found[:, :, 0].tolist() == [[0, 51], [102, 255]]
    flat = read_rgb(save(tmp_path / "b.png", np.full((2, 2), 1000, np.uint16)), "")
    assert flat.max() == 0


def test_a_damaged_or_missing_picture_is_a_one_line_error(tmp_path):
    whole = save(tmp_path / "a.png", PICTURE).read_bytes()
    for cut in (0, 20, len(whole) // 2):
        (tmp_path / "a.png").write_bytes(whole[:cut])
        with pytest.raises(ValueError, match="a.png: cannot be read .*; do that"):
            read_rgb(tmp_path / "a.png", "do that")
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(ValueError) as caught:
        read_rgb(tmp_path / "a.png", "do that")
    assert str(caught.value) == f"{tmp_path / 'a.png'}: cannot be read (not a picture); do that"
    with pytest.raises(FileNotFoundError, match="b.png: is missing; do that"):
        read_rgb(tmp_path / "b.png", "do that")


def test_colours_and_ids_beyond_16_bits_are_refused_as_labels(tmp_path):
    high = save(tmp_path / "a.tif", np.array([[0, 65536]], np.int32))
    with pytest.raises(ValueError, match="holds id 65536, but ids must be 0 to 65535"):
        read_label_map(high, "")
    with pytest.raises(ValueError, match=r"shape \(3, 4, 3\), but labels must be whole"):
        read_label_map(save(tmp_path / "b.png", np.zeros((3, 4, 3), np.uint8)), "")


def test_with_too_few_images_the_folder_says_how_many_are_enough(tmp_path):
    names = [name for name in map(str, range(30)) if fold_of_name(name)]
    for name, folder in product(names[:6], ("images", "labels")):
        save(tmp_path / "train" / folder / f"{name}.png", PICTURE)
    recipe = read_recipe(RECIPES_FOLDER / "nuclei.toml")
    with pytest.raises(ValueError, match="0 of 6 images .* 30 images are enough") as caught:
        split_training_images(ImageFolder(tmp_path), recipe)
    assert "scenes" not in str(caught.value)


def test_thirty_images_have_some_that_are_held_out():
    """With names that are numbers, as many cameras give them, and with other common names."""
    for form in ("{}", "{:03}", "image_{}", "IMG_{:04}"):
        folds = [fold_of_name(form.format(number)) for number in range(30)]
        assert 0 < folds.count(0) < len(folds)


@pytest.mark.parametrize("name", ["Größe 1.tif", "Größe 1.TIFF", "Größe 1.PNG"])
def test_label_maps_may_be_tiff_and_suffixes_in_capitals(root, name):
    (root / "val" / "labels" / "Größe 1.png").unlink()
    save(root / "val" / "labels" / name, LABELS)
    dataset = open_dataset("folder", root)
    assert dataset.names("val") == ["Größe 1"]
    assert dataset.load("val", "Größe 1").instances.max() == 3
    assert dataset.truth_path("val", "Größe 1").name == name


def test_hidden_files_are_passed_over_and_others_named(root):
    (root / "val" / "images" / "._Größe 1.png").write_bytes(b"")
    (root / "val" / "labels" / "._Größe 1.png").write_bytes(b"")
    save(root / "val" / "images" / "more" / "a.png", PICTURE)
    with pytest.warns(FileListingWarning, match=r"images: left out 1 folder \(first: more\)"):
        assert open_dataset("folder", root).names("val") == ["Größe 1"]


def test_names_in_other_forms_of_unicode_are_explained(root):
    label = root / "val" / "labels" / "Größe 1.png"
    label.rename(label.with_name(unicodedata.normalize("NFD", label.name)))
    with pytest.raises(
        ValueError, match=r"'Gro\\u0308\\xdfe 1' .*look alike, but differ: rename one"
    ):
        open_dataset("folder", root).names("val")


def test_a_classes_json_may_begin_with_a_byte_order_mark(root):
    table = {"classes": ["leaf", "stem"], "objects": {"Größe 1": {"300": "stem"}}}
    (root / "classes.json").write_text(json.dumps(table), encoding="utf-8-sig")
    assert open_dataset("folder", root).annotation("val", "Größe 1").classes.tolist() == [0, 1, 0]


def test_pages_of_an_image_and_of_its_label_map_belong_together(tmp_path):
    images = np.stack([PICTURE, PICTURE[::-1]])
    labels = np.stack([LABELS, LABELS[::-1]])
    for folder, pages in {"images": images, "labels": labels}.items():
        (tmp_path / "val" / folder).mkdir(parents=True)
        path = tmp_path / "val" / folder / "a.tif"
        tifffile.imwrite(path, pages, photometric="minisblack")
    dataset = ImageFolder(tmp_path)
    assert dataset.names("val") == ["a_p001", "a_p002"]
    np.testing.assert_array_equal(dataset.image("val", "a_p002")[:, :, 0], PICTURE[::-1])
    sample = dataset.load("val", "a_p002")
    np.testing.assert_array_equal(sample.semantic, LABELS[::-1] > 0)
    np.testing.assert_array_equal(dataset.annotation("val", "a_p002").objects, sample.instances)


@pytest.mark.parametrize("lies_as", ["shown", "stored"])
def test_labels_lie_as_the_image_is_shown_or_stored(tmp_path, lies_as):
    """Label maps of the size of the stored pixels were drawn by a program that ignores EXIF."""
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "val" / "images" / "a.png", PICTURE, exif=exif)
    shown = np.rot90(LABELS, -1)
    save(tmp_path / "val" / "labels" / "a.png", shown if lies_as == "shown" else LABELS)
    dataset = ImageFolder(tmp_path)
    sample = dataset.load("val", "a")
    np.testing.assert_array_equal(sample.image[:, :, 0], np.rot90(PICTURE, -1))
    np.testing.assert_array_equal(sample.semantic > 0, shown > 0)
    np.testing.assert_array_equal(dataset.annotation("val", "a").objects, sample.instances)


@pytest.mark.parametrize("method", ["load", "annotation", "annotation_files"])
def test_a_label_map_of_another_size_is_named_with_a_remedy(root, method):
    path = save(root / "val" / "labels" / "Größe 1.png", LABELS[:2])
    dataset = open_dataset("folder", root)
    (name,) = dataset.names("val")
    with pytest.raises(ValueError) as error:
        getattr(dataset, method)("val", [name] if method == "annotation_files" else name)
    expected = f"{path}: is 2x4 pixels (height x width), its image 3x4; make both the same size"
    assert str(error.value).startswith(expected) and "\n" not in str(error.value)
