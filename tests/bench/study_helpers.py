"""Helpers for tests of studies: a fast evaluator, a correct backend, and access to the files of a run."""

from bench.evaluation.ap_scores import ApScores
from bench.runner import records
from bench.runner.record import Cell, MeasuredProblem, Record

CELL = {
    "dataset": "scenes",
    "split": "val",
    "model": "tiny",
    "backend": "c",
    "linkage": "average",
}

RIGHT = """
from merge_impls import merge as merge_with
def merge(problem):
    return merge_with(problem, "heap")
"""


def quick_scores(found, truth):
    """Replaces the official evaluator, which is slow and is tested elsewhere."""
    assert found.keys() == truth.keys()
    return ApScores(0.25, 0.5, {"car": (0.25, 0.5)}, len(found), "none")


def cells(found):
    return {
        (record.cell.backend, record.cell.linkage, record.cell.scope): record
        for record in found.records
    }


def kept(tmp_path):
    return records.read(tmp_path / "run" / "records.jsonl")


def saved_results(tmp_path):
    return sorted((tmp_path / "run" / "units").glob("*.safetensors"))


def measured(**changes):
    """The entry of an image in a record, with different values for each measurement."""
    defaults = {
        "name": "a",
        "vertices": 8,
        "edges": 12,
        "merges": 5,
        "segments": 3,
        "regions": 1,
        "seconds": [0.1, 0.2],
        "cpu_seconds": [0.1, 0.2],
        "call_seconds": [0.05, 0.1],
        "conversion_seconds": [],
        "peak_bytes": 100,
        "input_bytes": None,
        "identical": True,
        "agreement": None,
    }
    return MeasuredProblem(**(defaults | changes))


def example_record(cell=None, **changes):
    """An example record of the backend c. ``cell`` replaces entries of its cell."""
    scores = {"ap": 0.5, "ap50": None, "per_class": {"car": [0.5, None]}, "num_images": 1}
    hashes = ["images", "annotation", "weights", "merge_impls", "bench", "torch"]
    defaults = {
        "key": "0" * 64,
        "study": "small",
        "cell": Cell(**({**CELL, **(cell or {})})),
        "state": "done",
        "backend_version": "1.0",
        "computes": "",
        "thresholds": [0.9, 0.5],
        "min_pixels": 50,
        "images": [measured()],
        "identical_to": "networkx on crops",
        "scores": scores | {"evaluator": "the official one"},
        "first_call_seconds": 0.5,
        "hashes": dict.fromkeys(hashes, "1"),
        "machine": {"cores": 2},
    }
    return Record(**(defaults | changes))


def records_not_done(result):
    """The records of a study whose method disagreed, failed or could not run."""
    return [record for record in result.records if record.state != "done"]
