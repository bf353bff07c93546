"""Average precision by cityscapesScripts' own instance-level evaluator.

Its functions run unmodified in another process (:mod:`bench.evaluation.official_process`). This module checks
the input, writes the predictions in the official format, and returns :class:`ApScores` or raises an
:class:`EvaluationError` of one line.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.evaluation.ap_scores import ApScores
from bench.evaluation.matching import prediction_error
from bench.evaluation.prediction_writer import LABEL_IDS, prediction_file, write_predictions
from bench.types import Instance
from merge_impls.arrays import Float64Array


class EvaluationError(RuntimeError):
    """The official evaluator refused its input or failed; the message is one line."""


def evaluate(
    predictions: Mapping[str, Sequence[Instance]],
    ground_truth: Mapping[str, Path],
    keep: Path | None = None,
) -> ApScores:
    """Score predictions against the annotation (Cityscapes AP, the measure of the paper's tables).

    predictions: image name -> predicted instances, whose masks may overlap; empty where none found.
    ground_truth: image name -> its ``*_gtFine_instanceIds.png``; the names have to be the same.
    keep: folder in which the predictions stay in the official format; None keeps nothing.

    Raises ValueError for input that does not fit together, naming the image and the prediction's
    index, FileNotFoundError for missing annotation, EvaluationError if the evaluator itself fails.
    """
    _check_input(predictions, ground_truth)
    with tempfile.TemporaryDirectory(prefix="predictions-") as scratch:
        folder = Path(scratch, "predictions") if keep is None else Path(keep)
        write_predictions(folder, predictions)
        return evaluate_folder(folder, ground_truth)


def evaluate_folder(folder: Path, ground_truth: Mapping[str, Path]) -> ApScores:
    """Score predictions that already lie in ``folder`` in the official format.

    ground_truth is as for :func:`evaluate`; the predictions of NAME are listed in NAME_pred.txt.
    Raises ValueError without images, FileNotFoundError for missing files, EvaluationError if the
    evaluator fails.
    """
    averages = _evaluate_files(folder, ground_truth)["averages"]
    return ApScores(
        ap=averages["allAp"],
        ap50=averages["allAp50%"],
        per_class={
            name: (values["ap"], values["ap50%"]) for name, values in averages["classes"].items()
        },
        num_images=len(ground_truth),
        evaluator=evaluator_version(),
    )


def ap_matrix(folder: Path, ground_truth: Mapping[str, Path]) -> Float64Array:
    """(C, 10) float64: AP by class (in the order of ``LABEL_IDS``) and IoU threshold, nan without objects.

    Input and errors are those of :func:`evaluate_folder`.
    """
    return np.array(_evaluate_files(folder, ground_truth)["precisions"])


def evaluator_version() -> str:
    """Name and version of the evaluator, as records state it."""
    return f"cityscapesScripts {metadata.version('cityscapesScripts')}"


def _check_input(
    predictions: Mapping[str, Sequence[Instance]], ground_truth: Mapping[str, Path]
) -> None:
    for name in sorted(ground_truth.keys() ^ predictions.keys()):
        lacking = "predictions" if name in ground_truth else "ground truth"
        raise ValueError(
            f"image {name!r} has no {lacking}; predictions and annotations need the same image names"
        )
    _check_ground_truth(ground_truth)
    for name, instances in predictions.items():
        with Image.open(ground_truth[name]) as annotation:
            shape = annotation.size[::-1]
        for index, instance in enumerate(instances):
            error = prediction_error(instance, shape, LABEL_IDS)
            if error:
                raise ValueError(f"image {name!r}, prediction {index}: {error}")


def _check_ground_truth(ground_truth: Mapping[str, Path]) -> None:
    if not ground_truth:
        raise ValueError("ground_truth names no image: there is nothing to evaluate")
    used: dict[str, str] = {}
    for name, path in ground_truth.items():
        if not Path(path).is_file():
            raise FileNotFoundError(f"image {name!r}: no ground truth at {path}")
        # The evaluator identifies images by this path.
        other = used.setdefault(os.path.abspath(path), name)
        if other != name:
            raise ValueError(f"images {other!r} and {name!r} share the ground truth {path}")


def _evaluate_files(folder: Path, ground_truth: Mapping[str, Path]) -> dict[str, Any]:
    _check_ground_truth(ground_truth)
    files = {name: prediction_file(Path(folder), name) for name in ground_truth}
    for name, path in files.items():
        if not path.is_file():
            raise FileNotFoundError(f"image {name!r}: no predictions at {path}")
    return _run_evaluator_process(
        {
            "predictions": [os.path.abspath(files[name]) for name in ground_truth],
            "ground_truth": [os.path.abspath(path) for path in ground_truth.values()],
            "folder": os.path.abspath(folder),
        }
    )


def _run_evaluator_process(request: dict[str, Any]) -> dict[str, Any]:
    """The evaluator's answer; :mod:`bench.evaluation.official_process` describes request and answer."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CITYSCAPES")
    }
    # The process works in a temporary folder, and has to import what this one can.
    environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in sys.path)
    with tempfile.TemporaryDirectory(prefix="evaluation-") as scratch:
        request_path, answer_path = Path(scratch, "request.json"), Path(scratch, "answer.json")
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
