import numpy as np
import pytest
from PIL import Image

from bench.datasets import open_dataset
from bench.runner.evaluators import SplitEvaluator
from bench.types import VOID_CLASS

NAME = "somewhere/somewhere_000001_000019"

# Label ids: road 7, car 26 (a group of cars is 26 without a number), ego vehicle 1, caravan 29, person 24.
INSTANCE_IDS = np.array(
    [
        [7, 7, 26001, 26001, 26],
        [24000, 7, 26001, 26000, 26],
        [24000, 33000, 29000, 26000, 1],
    ]
)


def write(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def root(tmp_path):
    picture = np.arange(45, dtype=np.uint8).reshape(3, 5, 3)
    write(tmp_path / "leftImg8bit/val" / f"{NAME}_leftImg8bit.png", picture)
    write(
        tmp_path / "gtFine/val" / f"{NAME}_gtFine_instanceIds.png", INSTANCE_IDS.astype(np.uint16)
    )
    return tmp_path


@pytest.mark.parametrize("name", ["cityscapes", "scenes"])
def test_a_data_set_is_opened_by_its_name(root, name):
    dataset = open_dataset(name, root)
    assert dataset.names("val") == [NAME]
    assert dataset.truth_path("val", NAME).is_file()


def test_the_tuning_slice_is_a_city_that_cityscapes_has_in_train(root):
    cities = (
        "aachen bochum bremen cologne darmstadt dusseldorf erfurt hamburg hanover jena krefeld "
    )
    cities += "monchengladbach strasbourg stuttgart tubingen ulm weimar zurich"
    names = [f"{city}/{city}_000000_000019" for city in cities.split()]
    assert open_dataset("cityscapes", root).tuning_image_names(names) == ["ulm/ulm_000000_000019"]


def test_groups_and_ignored_labels_are_void_in_the_semantic_map(root):
    semantic = open_dataset("cityscapes", root).load("val", NAME).semantic
    expected = [
        [0, 0, 3, 3, VOID_CLASS],
        [1, 0, 3, 3, VOID_CLASS],
        [1, 8, VOID_CLASS, 3, VOID_CLASS],
    ]
    assert semantic.dtype == np.uint8
    assert semantic.tolist() == expected


def test_instances_are_numbered_in_raster_order_and_0_on_void(root):
    instances = open_dataset("cityscapes", root).load("val", NAME).instances
    assert instances.dtype == np.int32
    assert instances.tolist() == [[0, 0, 1, 1, 0], [2, 0, 1, 3, 0], [2, 4, 0, 3, 0]]


def test_an_image_without_background_is_numbered_from_one(root):
    path = root / "gtFine/val" / f"{NAME}_gtFine_instanceIds.png"
    write(path, np.full((3, 5), 26000, dtype=np.uint16))
    assert (open_dataset("cityscapes", root).load("val", NAME).instances == 1).all()


def test_the_image_is_read_as_rgb_unchanged(root):
    dataset = open_dataset("cityscapes", root)
    expected = np.arange(45, dtype=np.uint8).reshape(3, 5, 3)
    assert (dataset.load("val", NAME).image == expected).all()
    assert (dataset.image("val", NAME) == expected).all()


def assert_one_line(error, *words):
    message = str(error.value)
    assert "\n" not in message
    assert all(word in message for word in words)


def test_an_unknown_data_set_lists_the_known_ones(root):
    with pytest.raises(ValueError) as error:
        open_dataset("kitti", root)
    assert_one_line(error, "kitti", "scenes", "cityscapes")


def test_an_empty_folder_says_how_to_fill_it(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        open_dataset("scenes", tmp_path)
    assert_one_line(error, str(tmp_path), "python -m bench scenes")


def test_a_split_without_images_is_named(root):
    with pytest.raises(FileNotFoundError) as error:
        open_dataset("scenes", root).names("train")
    assert_one_line(error, "train", "python -m bench scenes")


def test_a_missing_annotation_is_named(root):
    dataset = open_dataset("scenes", root)
    dataset.truth_path("val", NAME).unlink()
    with pytest.raises(FileNotFoundError) as error:
        dataset.load("val", NAME)
    assert_one_line(error, "instanceIds.png", "python -m bench scenes")


@pytest.mark.parametrize("kept_bytes", [0, 20, 60])
def test_a_damaged_annotation_is_named(root, kept_bytes):
    dataset = open_dataset("scenes", root)
    path = dataset.truth_path("val", NAME)
    path.write_bytes(path.read_bytes()[:kept_bytes])
    with pytest.raises(ValueError) as error:
        dataset.load("val", NAME)
    assert_one_line(error, str(path))


def test_an_annotation_of_another_size_is_refused(root):
    dataset = open_dataset("scenes", root)
    write(dataset.truth_path("val", NAME), np.zeros((4, 5), dtype=np.uint16))
    with pytest.raises(ValueError) as error:
        dataset.load("val", NAME)
    assert_one_line(error, "instanceIds.png", "is 4x5 pixels (height x width)", "image 3x5")


@pytest.mark.parametrize("value", [90, 145, 999, 34000, 65535])
@pytest.mark.parametrize("read", ["load", "annotation"])
def test_instance_ids_of_unknown_labels_are_refused_with_their_file(root, value, read):
    dataset = open_dataset("scenes", root)
    path = dataset.truth_path("val", NAME)
    write(path, np.full((3, 5), value, dtype=np.uint16))
    with pytest.raises(ValueError) as error:
        getattr(dataset, read)("val", NAME)
    assert_one_line(error, str(path), f"holds {value}, which is neither", "with 16 bits")


def test_the_scorer_names_the_file_that_the_evaluator_cannot_read(root):
    dataset = open_dataset("scenes", root)
    path = dataset.truth_path("val", NAME)
    write(path, np.full((3, 5), 93, dtype=np.uint16))
    with pytest.raises(ValueError) as error:
        SplitEvaluator(dataset, "val").score({NAME: []})
    assert_one_line(error, str(path), "holds 93, which is neither", "with 16 bits")


def test_a_damaged_file_of_a_data_set_is_moved_not_removed(root):
    dataset = open_dataset("scenes", root)
    dataset.truth_path("val", NAME).write_bytes(b"")
    with pytest.raises(ValueError) as error:
        dataset.load("val", NAME)
    assert_one_line(error, "move bad files away")
    assert "delete " not in str(error.value)
