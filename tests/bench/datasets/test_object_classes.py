"""Entries of ``classes.json`` that match no image or no object are warned of, in one line with the first."""

import json
import warnings

import numpy as np
import pytest
from PIL import Image

from bench.datasets import open_dataset
from bench.datasets.object_classes import UnmatchedEntryWarning, read_object_classes

LABELS = np.array([[0, 7, 7, 0], [0, 0, 300, 300]], dtype=np.uint16)
CLASSES = ["leaf", "stem"]


@pytest.fixture
def open_with(tmp_path):
    """A function that opens a data set of the images val/a and train/b with a ``classes.json``."""
    for split, name in (("val", "a"), ("train", "b")):
        for folder, pixels in (("images", np.uint8(LABELS > 0)), ("labels", LABELS)):
            (tmp_path / split / folder).mkdir(parents=True)
            Image.fromarray(pixels).save(tmp_path / split / folder / f"{name}.png")

    def open_(objects, classes=CLASSES):
        table = {"classes": classes, "objects": objects}
        (tmp_path / "classes.json").write_text(json.dumps(table))
        return open_dataset("folder", tmp_path)

    return open_


def load(dataset):
    (name,) = dataset.names("val")
    return dataset.annotation("val", name)


UNMATCHED = {
    "a key with a suffix": (
        {"a.png": {"300": "stem"}},
        "1 of 1 images in objects do not exist, so their entries have no effect; the first is 'a.png' "
        "(write 'a', without the suffix)",
    ),
    "unknown images": (
        {"a": {"300": "stem"}, "c": {"1": "stem"}, "d": {"1": "stem"}},
        "2 of 3 images in objects do not exist, so their entries have no effect; the first is 'c'",
    ),
    "a name that looks alike": ({"A": {"300": "stem"}}, "the first is 'A' ('A' and 'a' look alike"),
    "an id that is not in the map": (
        {"a": {"300": "stem", "8": "stem"}},
        "'a' has an entry for object 8, but the ids in its label map are 7, 300, so",
    ),
    "the id of the background": ({"a": {"0": "stem"}}, "'a' has an entry for object 0, but"),
}


@pytest.mark.parametrize("case", UNMATCHED)
def test_an_entry_that_matches_nothing_is_one_line(open_with, case):
    objects, expected = UNMATCHED[case]
    with pytest.warns(UnmatchedEntryWarning) as warned:
        load(open_with(objects))
    (line,) = (str(one.message) for one in warned)
    assert "classes.json: " in line and expected in line and len(line.splitlines()) == 1


def test_entries_that_match_give_no_warning(open_with):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        annotation = load(open_with({"a": {"300": "stem"}, "b": {"7": "stem"}}))
    assert annotation.classes.tolist() == [0, 1]


def test_only_the_first_unmatched_id_of_all_images_is_named(open_with):
    dataset = open_with({"a": {"8": "stem"}, "b": {"9": "stem"}})
    with pytest.warns(UnmatchedEntryWarning) as warned:
        dataset.annotation("val", "a")
        dataset.annotation("train", "b")
    assert len(warned) == 1


def test_classes_that_are_a_plain_string_are_refused(open_with):
    with pytest.raises(ValueError, match=r"classes must be a list, such as \['leaf'\]"):
        load(open_with({}, classes="leaf"))


@pytest.mark.parametrize(
    "text",
    [
        '{"classes": ["a", "b"], "objects": {"x": {"1": "a", "1": "b"}}}',
        '{"classes": ["a"], "objects": {"1": {}, "1": {}}}',
    ],
)
def test_a_key_that_is_there_twice_is_refused(text, tmp_path):
    path = tmp_path / "classes.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="the key '1' is there twice; keep one") as error:
        read_object_classes(path)
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)
