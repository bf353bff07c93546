"""The process of the official evaluator: ``python -m bench.evaluation.official_process IN.json OUT.json``.

cityscapesScripts reads environment variables when it is imported, prints, leaves files in the working
folder, and ends the process when it refuses its input. So it runs in a process of its own, which
:mod:`bench.evaluation.official` starts in a temporary folder and without those variables.

IN.json:  {"predictions": [paths], "ground_truth": [paths], "folder": path}, the lists pairwise,
          "folder" holding all the predictions.
OUT.json: {"averages": what the evaluator's ``computeAverages`` returns, "precisions": rows of AP by
          class and IoU threshold} or {"error": one line}.
"""

import contextlib
import copy
import importlib
import io
import json
import sys
from argparse import Namespace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from merge_impls.arrays import Float64Array

OfficialMatches = dict[str, dict[str, Any]]
"""What the evaluator's ``matchGtWithPreds`` returns, by image."""


def main(request_path: str, answer_path: str) -> None:
    """Evaluate what the request names. An answer is written even if the evaluator fails."""
    request = json.loads(Path(request_path).read_text())
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            answer = _evaluate_request(request)
    except SystemExit:
        # The evaluator refuses input with a printed line and sys.exit.
        lines = printed.getvalue().split("\n")
        reasons = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        answer = {"error": reasons[-1] if reasons else "it printed no reason"}
    except Exception as error:
        message = " ".join(str(error).split())
        answer = {"error": f"{type(error).__name__}: {message}"}
    Path(answer_path).write_text(json.dumps(answer))


def _evaluate_request(request: dict[str, Any]) -> dict[str, Any]:
    evaluator = _load_evaluator()
    args = copy.deepcopy(evaluator.args)
    args.quiet = True
    args.predictionPath = str(Path(request["folder"]).absolute())
    # Not the shared cache beside the evaluator's source: it knows files by path and does not check them.
    args.gtInstancesFile = str(Path.cwd() / "gtInstances.json")
    evaluator.setInstanceLabels(args)
    ground_truth = request["ground_truth"]
    instances = evaluator.getGtInstances(ground_truth, args)
    matches = evaluator.matchGtWithPreds(request["predictions"], ground_truth, instances, args)
    # evaluateImgLists would also write matches.json, which fails with the counts of NumPy 2.4.
    precisions = _ap_matrix(evaluator, matches, args)
    averages = evaluator.computeAverages(precisions, args)
    return {"averages": averages, "precisions": precisions[0].tolist()}


def _load_evaluator() -> ModuleType:
    if not hasattr(np, "in1d"):  # removed in NumPy 2.4
        setattr(np, "in1d", lambda values, test: np.isin(np.ravel(values), test))  # noqa: B010
    return importlib.import_module("cityscapesscripts.evaluation.evalInstanceLevelSemanticLabeling")


def _ap_matrix(evaluator: ModuleType, matches: OfficialMatches, args: Namespace) -> Float64Array:
    """Average precision by class and IoU threshold, (1, C, O), as evaluateMatches itself returns it.

    evaluateMatches computes each class and threshold independently. Called for one at a time it gives the
    same numbers, and a failure of one leaves the others.
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
    try:
        return float(evaluator.evaluateMatches(matches, args).item())
    except IndexError:
        # The class has ground truth and predictions, none of which matches and all of which are ignored
        # (mostly on void, on a group, or on an object that is too small). Its list of scored predictions is
        # empty, and evaluateMatches takes the last entry of that list's running sum. As no prediction
        # counts, it is called again without any, a case that it handles.
        [label] = args.instLabels
        without = {
            image: {**match, "prediction": {**match["prediction"], label: []}}
            for image, match in matches.items()
        }
        return float(evaluator.evaluateMatches(without, args).item())


if __name__ == "__main__":
    main(*sys.argv[1:])
