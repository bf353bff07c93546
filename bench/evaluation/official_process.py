"""Runs the official evaluator: ``python -m bench.evaluation.official_process REQUEST.json ANSWER.json``.

cityscapesScripts reads environment variables when it is imported, prints text, writes files into the working
folder, and ends the process when it rejects its input. So :mod:`bench.evaluation.official` runs it in a
separate process, in a temporary folder and without these variables.

REQUEST.json: {"predictions": [paths], "ground_truth": [paths], "folder": path}
    The two lists have one entry for each image, in the same order. "folder" holds all predictions.
    With "write_matches", a path, the process writes the matches of the images to this file, and no scores.
    With "read_matches", a list of such files, in place of "predictions" and "folder", it scores their images.
ANSWER.json: {"averages": the result of the evaluator's ``computeAverages``, "precisions": AP as a list of IoU
    thresholds for each class}, {} after "write_matches", or {"error": a message of one line}
"""

import contextlib
import copy
import importlib
import io
import json
import pickle
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line_error_message
from merge_impls.arrays import Float64Array

OfficialMatches = dict[str, dict[str, Any]]
"""The result of the evaluator's ``matchGtWithPreds``, by image."""


def main(request_path: str, answer_path: str) -> None:
    """Read the request, run the evaluator and write the answer, also if the evaluator fails."""
    request = json.loads(Path(request_path).read_text())
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            answer = _evaluate_request(request)
    except SystemExit:
        # When the evaluator rejects its input, it prints a line and calls sys.exit.
        lines = printed.getvalue().split("\n")
        reasons = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        answer = {"error": reasons[-1] if reasons else "it printed no reason"}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {one_line_error_message(error)}"}
    Path(answer_path).write_text(json.dumps(answer))


def _evaluate_request(request: dict[str, Any]) -> dict[str, Any]:
    evaluator = _load_evaluator()
    args = copy.deepcopy(evaluator.args)
    args.quiet = True
    # By default the evaluator caches the ground truth beside its own source, and reads it again even if the
    # files have changed.
    args.gtInstancesFile = str(Path.cwd() / "gtInstances.json")
    evaluator.setInstanceLabels(args)
    if "read_matches" in request:
        matches = _read_matches(request["read_matches"], request["ground_truth"])
    else:
        matches = _match(evaluator, request, args)
    if "write_matches" in request:
        Path(request["write_matches"]).write_bytes(pickle.dumps(matches))
        return {}
    # evaluateImgLists does these steps, too, but also writes matches.json, which fails with NumPy 2.4.
    precisions = _ap_matrix(evaluator, matches, args)
    averages = evaluator.computeAverages(precisions, args)
    return {"averages": averages, "precisions": precisions[0].tolist()}


def _match(evaluator: ModuleType, request: dict[str, Any], args: Namespace) -> OfficialMatches:
    """Match the predictions of each image with its objects."""
    args.predictionPath = str(Path(request["folder"]).absolute())
    ground_truth = request["ground_truth"]
    instances = evaluator.getGtInstances(ground_truth, args)
    matches: OfficialMatches = evaluator.matchGtWithPreds(
        request["predictions"], ground_truth, instances, args
    )
    return matches


def _read_matches(paths: list[str], ground_truth: list[str]) -> OfficialMatches:
    """The matches in several files, in the order of ``ground_truth``, on which the scores depend."""
    joined: OfficialMatches = {}
    for path in paths:
        joined |= pickle.loads(Path(path).read_bytes())
    return {image: joined[image] for image in ground_truth}


def _load_evaluator() -> ModuleType:
    """Import the evaluator, which needs a function that NumPy no longer has."""
    if not hasattr(np, "in1d"):  # removed in NumPy 2.4
        setattr(np, "in1d", lambda values, test: np.isin(np.ravel(values), test))  # noqa: B010
    return importlib.import_module("cityscapesscripts.evaluation.evalInstanceLevelSemanticLabeling")


def _ap_matrix(evaluator: ModuleType, matches: OfficialMatches, args: Namespace) -> Float64Array:
    """(1, C, O) float64: AP of each class at each IoU threshold, as evaluateMatches returns it.

    evaluateMatches is called separately for each class and threshold, so that an error in one of them does
    not affect the others. The numbers are the same, because it computes each of them independently.
    """
    precisions = np.empty((1, len(args.instLabels), len(args.overlaps)))
    for row, label in enumerate(args.instLabels):
        for column in range(len(args.overlaps)):
            one = copy.copy(args)
            one.instLabels = [label]
            one.overlaps = args.overlaps[column : column + 1]
            precisions[:, row, column] = _ap_of_class(evaluator, matches, one)
    return precisions


def _ap_of_class(evaluator: ModuleType, matches: OfficialMatches, args: Namespace) -> float:
    """AP of the one class at the one IoU threshold in ``args``."""
    try:
        return float(evaluator.evaluateMatches(matches, args).item())
    except IndexError:
        # A bug of evaluateMatches: it fails if the class has objects and predictions, but all predictions are
        # ignored, because they lie mostly on void, on a group, or on an object that is too small. Ignored
        # predictions do not change AP, so it is called again without them.
        [label] = args.instLabels
        without = {
            image: {**match, "prediction": {**match["prediction"], label: []}}
            for image, match in matches.items()
        }
        return float(evaluator.evaluateMatches(without, args).item())


if __name__ == "__main__":
    main(*sys.argv[1:])
