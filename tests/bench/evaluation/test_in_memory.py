"""The evaluation in memory gives the same bits as the official evaluator, on random and extreme images."""

import warnings

import numpy as np
import pytest
from PIL import Image

from bench.datasets.annotations import annotation_from_instance_ids, annotation_from_maps
from bench.datasets.cityscapes_labels import CLASS_IDS, CLASS_NAMES, LABELS
from bench.evaluation.average_precision import EVERY_OBJECT
from bench.evaluation.in_memory import evaluate
from bench.evaluation.official import ap_matrix
from bench.evaluation.prediction_writer import LABEL_IDS, write_predictions
from bench.types import Instance

IGNORED = [label.id for label in LABELS.values() if label.ignored]
SHAPE = (48, 64)


def annotated(random) -> np.ndarray:
    """Random instanceIds with objects, groups, void, ignored instances and background; some are tiny."""
    ids = np.full(SHAPE, 7, dtype=np.uint16)
    for number in range(random.integers(0, 9)):
        label = int(random.choice([24, 26, 26, 26, 33, 29]))
        kind = random.random()
        value = label * 1000 + number if kind < 0.7 else label if kind < 0.85 else 3
        ids[box(random)] = value
    return ids


def box(random) -> tuple[slice, slice]:
    top, left = random.integers(0, SHAPE[0] - 4), random.integers(0, SHAPE[1] - 4)
    return slice(top, top + random.integers(3, 24)), slice(left, left + random.integers(3, 24))


def predicted(random, ids: np.ndarray) -> list[Instance]:
    """Random predictions: good, bad, repeated, of a wrong class, or without an object; with tied scores."""
    found = []
    for value in np.unique(ids):
        for _ in range(random.choice([0, 1, 1, 2, 3])):
            mask = np.roll(ids == value, random.integers(-2, 3), axis=1)
            mask[random.random(SHAPE) < random.choice([0, 0.1, 0.3])] = False
            right = value // 1000 if value >= 1000 else value
            label = right if random.random() < 0.8 else 26
            names = [name for name, number in LABEL_IDS.items() if number == label]
            found += [Instance(mask, name, float(random.integers(0, 8)) / 8) for name in names]
    for _ in range(random.integers(0, 3)):
        mask = np.zeros(SHAPE, dtype=bool)
        mask[box(random)] = random.random() < 0.9  # the mask may be empty
        found.append(Instance(mask, "car", random.random()))
    return found


def both(folder, images: dict, predictions: dict) -> tuple[np.ndarray, np.ndarray]:
    truth = {}
    for name, ids in images.items():
        truth[name] = folder / f"{name}_gtFine_instanceIds.png"
        Image.fromarray(ids).save(truth[name])
    write_predictions(folder / "predictions", predictions)
    annotations = {
        name: annotation_from_instance_ids(ids, CLASS_IDS, IGNORED) for name, ids in images.items()
    }
    ours = evaluate(predictions, annotations, CLASS_NAMES).ap_matrix()
    return ours, ap_matrix(folder / "predictions", truth)


@pytest.mark.parametrize("seed", range(12))
def test_random_images_get_the_official_scores(tmp_path, seed):
    random = np.random.default_rng(seed)
    images = {f"a{number}": annotated(random) for number in range(1 + 2 * (seed % 4))}
    predictions = {name: predicted(random, ids) for name, ids in images.items()}
    ours, official = both(tmp_path, images, predictions)
    np.testing.assert_array_equal(ours, official)


def test_empty_and_ignored_cases_get_the_official_scores(tmp_path):
    """The official evaluator, called for all classes at once, fails if all predictions are ignored."""
    ids = np.full(SHAPE, 7, dtype=np.uint16)
    ids[:20, :20] = 26000
    ids[:20, 30:50] = 3
    ids[30:40, 30:50] = 33
    on_void, on_group = np.zeros(SHAPE, dtype=bool), np.zeros(SHAPE, dtype=bool)
    on_void[:20, 30:50], on_group[30:40, 30:50] = True, True
    for number, predictions in enumerate(
        [[], [Instance(on_void, "car", 0.5)], [Instance(on_group, "bicycle", 0.5)]]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        ours, official = both(folder, {"a": ids}, {"a": predictions})
        np.testing.assert_array_equal(ours, official)
        assert ours[CLASS_NAMES.index("car")].tolist() == [0] * 10
        assert np.isnan(ours[CLASS_NAMES.index("bicycle")]).all()


def test_the_random_images_reveal_a_wrong_evaluation(tmp_path):
    """The tests above can fail: the AP of the same predictions with another annotation differs."""
    random = np.random.default_rng(3)
    ids = annotated(random)
    predictions = {"a": predicted(random, ids)}
    changed = ids.copy()
    changed[ids >= 1000] = 7
    ours, _ = both(tmp_path, {"a": ids}, predictions)
    others = evaluate(
        predictions, {"a": annotation_from_instance_ids(changed, CLASS_IDS, IGNORED)}, CLASS_NAMES
    ).ap_matrix()
    assert not np.array_equal(ours, others, equal_nan=True)


def blobs(*boxes) -> np.ndarray:
    labels = np.zeros(SHAPE, dtype=np.int32)
    for number, (top, left, size) in enumerate(boxes, start=1):
        labels[top : top + size, left : left + size] = number
    return labels


def cells(labels: np.ndarray) -> list[Instance]:
    return [Instance(labels == n, "cell", 0.5) for n in range(1, labels.max() + 1)]


def test_object_accuracy_is_the_score_of_microscopy_papers():
    """In image a, 2 of 3 objects are found and 1 prediction is wrong; b has no objects or predictions."""
    truth = blobs((0, 0, 6), (10, 10, 6), (20, 20, 6))
    annotations = {
        "a": annotation_from_maps((truth > 0).astype(np.uint8), truth),
        "b": annotation_from_maps(np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.int32)),
    }
    found = {"a": cells(blobs((0, 0, 6), (10, 10, 5), (30, 40, 6))), "b": []}
    per_image, pooled = evaluate(found, annotations, ["cell"], EVERY_OBJECT).object_jaccard()
    assert per_image[0] == (2 / 4 + 1) / 2
    assert pooled[0] == 2 / 4
    assert pooled[-1] == 1 / 5, "5x5 pixels inside 6x6 have IoU 0.69"


def test_every_object_is_in_one_size_range():
    truth = blobs((0, 0, 12), (0, 16, 32))
    annotations = {"a": annotation_from_maps((truth > 0).astype(np.uint8), truth)}
    found = {"a": cells(blobs((0, 16, 32)))}
    evaluation = evaluate(found, annotations, ["cell"])
    sizes = {size: scores.ap for size, scores in evaluation.ap_scores_by_size().items()}
    assert sizes["small"] == 0 and sizes["medium"] == 1 and np.isnan(sizes["large"])
    assert evaluation.ap_scores().ap == 0.5


def test_a_bootstrap_counts_an_image_as_often_as_it_is_drawn():
    random = np.random.default_rng(1)
    images = {name: annotated(random) for name in "abcd"}
    predictions = {name: predicted(random, ids) for name, ids in images.items()}
    annotations = {
        n: annotation_from_instance_ids(ids, CLASS_IDS, IGNORED) for n, ids in images.items()
    }
    evaluation = evaluate(predictions, annotations, CLASS_NAMES)
    np.testing.assert_array_equal(evaluation.ap_matrix(list("dcba")), evaluation.ap_matrix())
    np.testing.assert_array_equal(evaluation.ap_matrix(["a"] * 3), evaluation.ap_matrix(["a"] * 2))


@pytest.mark.parametrize(
    ("instance", "message"),
    [
        (Instance(np.ones((2, 2), bool), "car", 0.5), r"prediction 0: the mask has shape \(2, 2\)"),
        (
            Instance(np.ones(SHAPE, bool), "car", float("nan")),
            "prediction 0: the confidence is nan",
        ),
        (Instance(np.ones(SHAPE, bool), "cart", 0.5), "prediction 0: unknown class 'cart'"),
    ],
)
def test_a_bad_prediction_is_named(instance, message):
    annotations = {"a": annotation_from_instance_ids(np.full(SHAPE, 7), CLASS_IDS, IGNORED)}
    with pytest.raises(ValueError, match=f"^image 'a', {message}"):
        evaluate({"a": [instance]}, annotations, CLASS_NAMES)
    with pytest.raises(ValueError, match="image 'a' has no predictions"):
        evaluate({}, annotations, CLASS_NAMES)


def test_empty_means_cause_no_warnings():
    annotations = {"a": annotation_from_instance_ids(np.full(SHAPE, 7), CLASS_IDS, IGNORED)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(evaluate({"a": []}, annotations, CLASS_NAMES).ap_scores().ap)
