"""Wrong input of the official evaluation raises an error whose message is one line."""

import numpy as np
import pytest
from PIL import Image

from bench.evaluation.official import EvaluationError, evaluate, evaluate_folder
from bench.types import Instance

SHAPE = (40, 60)


@pytest.fixture
def ground_truth(tmp_path):
    ids = np.full(SHAPE, 7, dtype=np.uint16)
    ids[5:25, 5:25] = 26001
    path = tmp_path / "a_gtFine_instanceIds.png"
    Image.fromarray(ids).save(path)
    return {"a": path}


def instance(**changes) -> Instance:
    return Instance(
        **{"mask": np.ones(SHAPE, bool), "class_name": "car", "confidence": 0.5} | changes
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"mask": np.ones((60, 40), bool)},
            r"shape \(60, 40\), the ground truth \(40, 60\)",
        ),
        ({"mask": np.ones(SHAPE, np.uint8)}, "mask is uint8, expected a bool array"),
        ({"confidence": float("nan")}, "confidence is nan, expected a finite number"),
        ({"class_name": "caravan"}, "unknown class 'caravan', expected one of person, rider"),
    ],
)
def test_a_bad_prediction_is_named_by_image_and_index(ground_truth, changes, message):
    with pytest.raises(ValueError, match=f"^image 'a', prediction 1: .*{message}"):
        evaluate({"a": [instance(), instance(**changes)]}, ground_truth)


def test_predictions_and_annotations_need_the_same_images(ground_truth):
    with pytest.raises(ValueError, match="image 'a' has no predictions"):
        evaluate({}, ground_truth)
    with pytest.raises(ValueError, match="image 'b' has no ground truth"):
        evaluate({"a": [], "b": []}, ground_truth)


def test_nothing_to_evaluate_is_an_error():
    with pytest.raises(ValueError, match="ground_truth has no images"):
        evaluate({}, {})


def test_missing_files_are_named(ground_truth, tmp_path):
    with pytest.raises(FileNotFoundError, match="image 'b': the ground truth .* is missing"):
        evaluate({"b": []}, {"b": tmp_path / "absent.png"})
    with pytest.raises(
        FileNotFoundError, match="image 'a': the predictions .*a_pred.txt are missing"
    ):
        evaluate_folder(tmp_path, ground_truth)


def test_two_images_cannot_share_an_annotation(ground_truth):
    with pytest.raises(ValueError, match="images 'a' and 'b' have the same ground truth"):
        evaluate({"a": [], "b": []}, ground_truth | {"b": ground_truth["a"]})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("car.png 26\n", "Invalid prediction file. Expected content"),
        ("/car.png 26 0.5\n", "First entry in each line must be a relative path"),
        ("../car.png 26 0.5\n", "points outside of prediction path"),
        ("absent.png 26 0.5\n", "FileNotFoundError: .*absent.png"),
    ],
)
def test_an_exit_or_crash_of_the_evaluator_is_a_one_line_error(
    ground_truth, tmp_path, line, message
):
    folder = tmp_path / "predictions"
    folder.mkdir()
    (folder / "a_pred.txt").write_text(line)
    with pytest.raises(EvaluationError, match=message) as raised:
        evaluate_folder(folder, ground_truth)
    assert "\n" not in str(raised.value)


def test_an_annotation_with_unknown_ids_is_an_error(ground_truth):
    Image.fromarray(np.full(SHAPE, 999, dtype=np.uint16)).save(ground_truth["a"])
    with pytest.raises(EvaluationError, match="KeyError: 999"):
        evaluate({"a": []}, ground_truth)
