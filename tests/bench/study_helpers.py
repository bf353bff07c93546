"""What tests of studies share: quick scores, a right backend, and what a run left."""

from bench.evaluation.ap_scores import ApScores
from bench.runner import records

RIGHT = """
from merge_impls import merge as merge_with
def merge(problem):
    return merge_with(problem, "heap")
"""


def quick_scores(found, truth):
    """In place of the official evaluator, which has tests of its own."""
    assert found.keys() == truth.keys()
    return ApScores(0.25, 0.5, {"car": (0.25, 0.5)}, len(found), "none")


def cells(found):
    return {
        (record["cell"]["backend"], record["cell"]["linkage"], record["cell"]["scope"]): record
        for record in found.records
    }


def kept(tmp_path):
    return records.read(tmp_path / "run" / "records.jsonl")


def saved_results(tmp_path):
    return sorted((tmp_path / "run" / "units").glob("*.npz"))
