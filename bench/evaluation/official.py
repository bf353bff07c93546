"""Computes average precision with the official instance-level evaluator of cityscapesScripts.

This module checks the input and writes the predictions in the official format. Then it starts a process
(:mod:`bench.evaluation.official_process`) that runs the unmodified functions of the evaluator.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from bench.evaluation.ap_scores import ApScores
from bench.evaluation.matching import invalid_prediction_reason
from bench.evaluation.prediction_writer import LABEL_IDS, prediction_file, write_predictions
from bench.evaluation.scratch_folder import scratch_folder
from bench.picture_files.picture_reading import read_size
from bench.types import Instance
from merge_impls.arrays import Float64Array


class EvaluationError(RuntimeError):
    """The official evaluator rejected its input or failed. The message is one line."""


def evaluate(
    predictions: Mapping[str, Sequence[Instance]],
    ground_truth: Mapping[str, Path],
    keep: Path | None = None,
) -> ApScores:
    """Compute Cityscapes AP, the measure in the paper's tables.

    predictions: by image name, the predicted instances; masks may overlap. An empty list is allowed.
    ground_truth: by the same image names, the files ``*_gtFine_instanceIds.png``.
    keep: a folder in which the predictions are kept in the official format; None: they are deleted.

    Raises ValueError for predictions that do not match the annotation, with the image and the index of the
    prediction; FileNotFoundError for a missing annotation; EvaluationError if the evaluator fails.
    """
    _check_predictions_and_ground_truth(predictions, ground_truth)
    with scratch_folder("predictions") as scratch:
        folder = scratch / "predictions" if keep is None else Path(keep)
        write_predictions(folder, predictions)
        return evaluate_folder(folder, ground_truth)


def evaluate_folder(folder: Path, ground_truth: Mapping[str, Path]) -> ApScores:
    """Compute Cityscapes AP of predictions that are in ``folder``, in the official format.

    ground_truth: by image name, the files ``*_gtFine_instanceIds.png``. The predictions of the image NAME are
        listed in NAME_pred.txt.
    Raises ValueError without images, FileNotFoundError for missing files, EvaluationError if the evaluator
    fails.
    """
    return _ap_scores(_evaluate_files(folder, ground_truth)["averages"], len(ground_truth))


def match_images(
    predictions: Mapping[str, Sequence[Instance]], ground_truth: Mapping[str, Path]
) -> bytes:
    """The official evaluator's matches of predictions with objects, for :func:`evaluate_matches`.

    Arguments and errors are as for :func:`evaluate`.
    """
    _check_predictions_and_ground_truth(predictions, ground_truth)
    with scratch_folder("matches") as scratch:
        folder, matches = scratch / "predictions", scratch / "matches.pickle"
        write_predictions(folder, predictions)
        _evaluate_files(folder, ground_truth, write_matches=str(matches))
        return matches.read_bytes()


def evaluate_matches(parts: Iterable[Path], ground_truth: Mapping[str, Path]) -> ApScores:
    """Compute Cityscapes AP from the results of :func:`match_images` for several sets of images.

    parts: the files of these results. ground_truth: of all images. The scores are those of :func:`evaluate`
    with all images in this order.
    """
    answer = _run_evaluator_process(
        {
            "ground_truth": [os.path.abspath(path) for path in ground_truth.values()],
            "read_matches": [os.path.abspath(path) for path in parts],
        }
    )
    return _ap_scores(answer["averages"], len(ground_truth))


def _ap_scores(averages: Mapping[str, Any], num_images: int) -> ApScores:
    """``ApScores`` from the result of the evaluator's ``computeAverages``."""
    return ApScores(
        ap=averages["allAp"],
        ap50=averages["allAp50%"],
        per_class={
            name: (values["ap"], values["ap50%"]) for name, values in averages["classes"].items()
        },
        num_images=num_images,
        evaluator=evaluator_version(),
    )


def ap_matrix(folder: Path, ground_truth: Mapping[str, Path]) -> Float64Array:
    """(C, 10) float64: AP of each class at each IoU threshold; nan for a class without objects.

    Classes are in the order of ``LABEL_IDS``. Arguments and errors are as for :func:`evaluate_folder`.
    """
    return np.array(_evaluate_files(folder, ground_truth)["precisions"])


def evaluator_version() -> str:
    """The name and version of the evaluator, as in records."""
    return f"cityscapesScripts {metadata.version('cityscapesScripts')}"


def _check_predictions_and_ground_truth(
    predictions: Mapping[str, Sequence[Instance]], ground_truth: Mapping[str, Path]
) -> None:
    for name in sorted(ground_truth.keys() ^ predictions.keys()):
        lacking = "predictions" if name in ground_truth else "ground truth"
        raise ValueError(
            f"image {name!r} has no {lacking}; predictions and annotations need the same image names"
        )
    _check_ground_truth(ground_truth)
    for name, instances in predictions.items():
        shape = read_size(ground_truth[name], "give the instanceIds file of the image")
        for index, instance in enumerate(instances):
            error = invalid_prediction_reason(instance, shape, LABEL_IDS)
            if error:
                raise ValueError(f"image {name!r}, prediction {index}: {error}")


def _check_ground_truth(ground_truth: Mapping[str, Path]) -> None:
    if not ground_truth:
        raise ValueError("ground_truth has no images; give at least one")
    used: dict[str, str] = {}
    for name, path in ground_truth.items():
        if not Path(path).is_file():
            raise FileNotFoundError(f"image {name!r}: the ground truth {path} is missing")
        # The evaluator identifies images by this path.
        other = used.setdefault(os.path.abspath(path), name)
        if other != name:
            raise ValueError(
                f"images {other!r} and {name!r} have the same ground truth {path}; give each its own file"
            )


def _evaluate_files(
    folder: Path, ground_truth: Mapping[str, Path], **options: str
) -> dict[str, Any]:
    """The answer of the evaluator process. options: further entries of its request."""
    _check_ground_truth(ground_truth)
    files = {name: prediction_file(Path(folder), name) for name in ground_truth}
    for name, path in files.items():
        if not path.is_file():
            raise FileNotFoundError(f"image {name!r}: the predictions {path} are missing")
    return _run_evaluator_process(
        {
            "predictions": [os.path.abspath(files[name]) for name in ground_truth],
            "ground_truth": [os.path.abspath(path) for path in ground_truth.values()],
            "folder": os.path.abspath(folder),
            **options,
        }
    )


def _run_evaluator_process(request: dict[str, Any]) -> dict[str, Any]:
    """Run the evaluator; :mod:`bench.evaluation.official_process` describes the request and the answer."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CITYSCAPES")
    }
    # The working folder of the process is temporary. It must still find all modules that this process finds.
    environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in sys.path)
    with scratch_folder("evaluation") as scratch:
        request_path, answer_path = scratch / "request.json", scratch / "answer.json"
        request_path.write_text(json.dumps(request))
        ended = subprocess.run(
            [sys.executable, "-m", "bench.evaluation.official_process", request_path, answer_path],
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if not answer_path.is_file():
            last_line = (ended.stderr.strip().splitlines() or ["it printed no error"])[-1]
            raise EvaluationError(
                f"the Cityscapes evaluator ended with status {ended.returncode}: {last_line}"
            )
        answer: dict[str, Any] = json.loads(answer_path.read_text())
    if "error" in answer:
        raise EvaluationError(f"the Cityscapes evaluator failed: {answer['error']}")
    return answer
