"""The official evaluator's process: ``python -m bench.evaluation.official_process IN.json OUT.json``.

cityscapesScripts reads its environment when it is imported, prints, leaves files in the working
folder and ends the process when it dislikes its input. So it gets a process of its own, which
:mod:`bench.evaluation.official` starts in a temporary folder and without its environment variables.

IN.json:  {"predictions": [paths], "ground_truth": [paths], "folder": path}, the lists pairwise,
          "folder" holding all the predictions.
OUT.json: {"averages": what the evaluator's ``computeAverages`` returns, "precisions": rows of AP by
          class and overlap} or {"error": one line}.
"""

import contextlib
import copy
import io
import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np


def main(request_path: str, answer_path: str) -> None:
    """Evaluate what the request names and write the answer, whatever the evaluator does."""
    request = json.loads(Path(request_path).read_text())
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            answer = _answer(request)
    except SystemExit:
        # its way to refuse input: a printed line and sys.exit
        lines = printed.getvalue().split("\n")
        reasons = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
        answer = {"error": reasons[-1] if reasons else "it ended without a reason"}
    except Exception as error:
        message = " ".join(str(error).split())
        answer = {"error": f"{type(error).__name__}: {message}"}
    Path(answer_path).write_text(json.dumps(answer))


def _answer(request: dict) -> dict:
    evaluator = _load_evaluator()
    args = copy.deepcopy(evaluator.args)
    args.quiet = True
    args.predictionPath = str(Path(request["folder"]).absolute())
    # Never the shared cache beside the evaluator's source: keyed by path, checked by nothing.
    args.gtInstancesFile = str(Path.cwd() / "gtInstances.json")
    evaluator.setInstanceLabels(args)
    ground_truth = request["ground_truth"]
    instances = evaluator.getGtInstances(ground_truth, args)
    matches = evaluator.matchGtWithPreds(request["predictions"], ground_truth, instances, args)
    # The step left out, evaluateImgLists' matches.json, cannot serialise what NumPy 2.4 counts.
    precisions = _precisions(evaluator, matches, args)
    averages = evaluator.computeAverages(precisions, args)
    return {"averages": averages, "precisions": precisions[0].tolist()}


def _load_evaluator() -> ModuleType:
    if not hasattr(np, "in1d"):  # removed in NumPy 2.4
        np.in1d = lambda values, test: np.isin(np.ravel(values), test)
    from cityscapesscripts.evaluation import evalInstanceLevelSemanticLabeling

    return evalInstanceLevelSemanticLabeling


def _precisions(evaluator: ModuleType, matches: dict, args: object) -> np.ndarray:
    """Average precision by class and overlap, (1, C, O) as evaluateMatches itself returns it.

    evaluateMatches treats every class and overlap by itself, so asking for them one by one gives
    the same numbers, and one that it cannot compute does not take the others with it.
    """
    precisions = np.empty((1, len(args.instLabels), len(args.overlaps)))
    for row, label in enumerate(args.instLabels):
        for column in range(len(args.overlaps)):
            one = copy.copy(args)
            one.instLabels = [label]
            one.overlaps = args.overlaps[column : column + 1]
            precisions[:, row, column] = _precision(evaluator, matches, one)
    return precisions


def _precision(evaluator: ModuleType, matches: dict, args: object) -> float:
    try:
        return evaluator.evaluateMatches(matches, args).item()
    except IndexError:
        # A class with ground truth and predictions, of which none matches and every one is ignored
        # (mostly on void, on a group, or on an object too small): its list of scored predictions is
        # empty, and evaluateMatches takes the last entry of that list's running sum. No prediction
        # counts here, so it is asked again with none, for which it has an answer of its own.
        [label] = args.instLabels
        without = {
            image: {**match, "prediction": {**match["prediction"], label: []}}
            for image, match in matches.items()
        }
        return evaluator.evaluateMatches(without, args).item()


if __name__ == "__main__":
    main(*sys.argv[1:])
