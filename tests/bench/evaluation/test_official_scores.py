"""The official evaluation returns the same scores as direct calls of cityscapesScripts."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.evaluation.ap_scores import ApScores
from bench.evaluation.official import evaluate
from bench.evaluation.prediction_writer import LABEL_IDS, prediction_file
from bench.types import Instance

ROAD, EGO_VEHICLE, CAR_GROUP = 7, 1, 26
SHAPE = (96, 128)

# Calls the evaluator's functions as its main() does, and defines np.in1d, which NumPy 2.4 removed.
DIRECT_CALL = """
import json, sys
import numpy as np
np.in1d = lambda values, test: np.isin(values, test).ravel()
from cityscapesscripts.evaluation import evalInstanceLevelSemanticLabeling as official
folder, cache, predictions, ground_truth = json.loads(sys.argv[1])
official.args.predictionPath = folder
official.args.gtInstancesFile = cache
official.args.quiet = True
official.setInstanceLabels(official.args)
instances = official.getGtInstances(ground_truth, official.args)
matches = official.matchGtWithPreds(predictions, ground_truth, instances, official.args)
scores = official.evaluateMatches(matches, official.args)
print(json.dumps(official.computeAverages(scores, official.args)))
"""


def box(top: int, left: int, height: int = 20, width: int = 20) -> np.ndarray:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[top : top + height, left : left + width] = True
    return mask


def annotate(folder: Path, name: str, objects: list[tuple[np.ndarray, int]]) -> dict[str, Path]:
    """Write an instanceIds.png with ``objects``, pairs of mask and id, on a background of road."""
    ids = np.full(SHAPE, ROAD, dtype=np.uint16)
    for mask, value in objects:
        ids[mask] = value
    path = folder / f"{Path(name).name}_gtFine_instanceIds.png"
    Image.fromarray(ids).save(path)
    return {name: path}


def random_case(folder: Path, seed: int, images: int = 4):
    """Annotated objects of every class, and predictions that are shifted, repeated, missing or wrong."""
    rng = np.random.default_rng(seed)
    predictions, ground_truth = {}, {}
    for image in range(images):
        name = f"town/town_000000_{image:06d}"
        objects, found = [(box(0, 0, 10, 128), EGO_VEHICLE)], []
        for number, (class_name, label) in enumerate(LABEL_IDS.items()):
            top, left = 12 + 28 * (number // 4), 4 + 30 * (number % 4)
            objects.append((box(top, left), 1000 * label + image))
            for _ in range(rng.integers(0, 3)):
                mask = box(top + rng.integers(0, 4), left + rng.integers(0, 3))
                # few different scores, so that some are equal
                found.append(Instance(mask, class_name, float(rng.choice([0.2, 0.5, 0.9]))))
        found.append(Instance(box(70, 100), "car", 1 / 3))
        ground_truth |= annotate(folder, name, objects)
        predictions[name] = found
    return predictions, ground_truth


@pytest.mark.parametrize("seed", [0, 1])
def test_scores_equal_those_of_the_unmodified_functions(tmp_path, seed):
    predictions, ground_truth = random_case(tmp_path, seed)
    kept = tmp_path / "kept"
    scores = evaluate(predictions, ground_truth, keep=kept)
    request = [
        str(kept),
        str(tmp_path / "cache.json"),
        [str(prediction_file(kept, name)) for name in ground_truth],
        [str(path) for path in ground_truth.values()],
    ]
    direct = json.loads(
        subprocess.check_output(
            [sys.executable, "-c", DIRECT_CALL, json.dumps(request)], cwd=tmp_path
        )
    )
    assert 0 < scores.ap < 1
    assert (scores.ap, scores.ap50) == (direct["allAp"], direct["allAp50%"])
    classes = {name: (each["ap"], each["ap50%"]) for name, each in direct["classes"].items()}
    assert scores.per_class == classes


def test_perfect_predictions_score_one(tmp_path):
    truth = annotate(tmp_path, "a", [(box(0, 0), 26001), (box(30, 0), 26002), (box(0, 60), 33001)])
    found = [
        Instance(box(0, 0), "car", 0.5),
        Instance(box(30, 0), "car", 0.9),
        Instance(box(0, 60), "bicycle", 0.1),
    ]
    scores = evaluate({"a": found}, truth)
    assert (scores.ap, scores.ap50, scores.num_images) == (1, 1, 1)
    assert scores.per_class["car"] == scores.per_class["bicycle"] == (1, 1)
    assert all(math.isnan(value) for value in scores.per_class["train"])


def test_no_predictions_score_zero(tmp_path):
    scores = evaluate({"a": []}, annotate(tmp_path, "a", [(box(0, 0), 24000)]))
    assert (scores.ap, scores.ap50) == (0, 0)


@pytest.mark.parametrize("ignored_id", [EGO_VEHICLE, CAR_GROUP, 26002])
def test_a_class_with_all_predictions_ignored_scores_zero(tmp_path, ignored_id):
    # Object 26002 has fewer than 100 pixels. The evaluator ignores it like void and groups.
    ignored = box(50, 0, 9, 11)
    objects = [(box(0, 0), 26001), (box(0, 60), 24001), (ignored, ignored_id)]
    found = [Instance(ignored, "car", 0.9), Instance(box(0, 60), "person", 0.9)]
    scores = evaluate({"a": found}, annotate(tmp_path, "a", objects))
    assert scores.per_class["car"] == (0, 0)
    assert scores.per_class["person"] == (1, 1)
    assert scores.ap == 0.5


def test_changed_ground_truth_of_the_same_name_is_read_again(tmp_path):
    found = {"a": [Instance(box(0, 0), "car", 0.9)]}
    here = evaluate(found, annotate(tmp_path, "a", [(box(0, 0), 26001)]))
    elsewhere = evaluate(found, annotate(tmp_path, "a", [(box(50, 50), 26001)]))
    assert (here.ap, elsewhere.ap) == (1, 0)


def test_neither_the_working_folder_nor_the_evaluators_own_gets_a_file(tmp_path, monkeypatch):
    from cityscapesscripts import evaluation

    own = Path(evaluation.__file__).parent
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    before = sorted(os.listdir(own))
    evaluate(*random_case(tmp_path, seed=3, images=1))
    assert os.listdir(work) == []
    assert sorted(os.listdir(own)) == before


def test_cityscapes_environment_variables_change_nothing(tmp_path, monkeypatch, capfd):
    case = random_case(tmp_path, seed=4, images=1)
    plain = evaluate(*case)
    monkeypatch.setenv("CITYSCAPES_DATASET", "/no/such/place")
    monkeypatch.setenv("CITYSCAPES_RESULTS", "nonsense")
    assert evaluate(*case) == plain
    assert capfd.readouterr() == ("", "")


def test_scores_can_be_written_as_strict_json(tmp_path):
    scores = evaluate({"a": []}, annotate(tmp_path, "a", [(box(0, 0), 24000)]))
    text = json.dumps(scores.to_dict(), allow_nan=False)
    assert ApScores.from_dict(json.loads(text)).to_dict() == scores.to_dict()
    assert json.loads(text)["per_class"]["car"] == [None, None]
