"""Every mutant is found by a check, its mistake is explained, and its saved problem shows it again."""

import json
import os
import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from merge_impls.commands.exit_codes import CRASHED, DISAGREES
from merge_impls.registry import ENTRY_POINT_GROUP

PROGRAM = Path(__file__).with_name("run_mutants.py")
DECLARED = Path(__file__).parents[2] / "mutants" / "pyproject.toml"

TIE_RULE = "the tie rule decides: .* the one whose smaller vertex is larger merges first"


@dataclass(frozen=True)
class Caught:
    """How ``merge-impls validate`` finds the mistake of a mutant.

    checks: the name of the check that fails; a random check has 200 examples.
    words: a regular expression that the report matches.
    code: the exit code of ``validate`` and ``replay``.
    timeout: seconds for one merge.
    """

    checks: str
    words: str
    code: int = DISAGREES
    timeout: float = 20


MUTANTS = {
    "reversed-tie-rule": Caught("random/2-D grids, weighted", TIE_RULE),
    "tie-rule-by-larger-name": Caught("random/multigraphs, average", TIE_RULE),
    "needs-more-than-threshold": Caught("random/3-D grids, average", "the rule is >=, not >"),
    "mean-of-means": Caught(
        "random/2-D grids, average", "if two joined edges weigh the mean of their weights"
    ),
    "rounds-sum-to-float32": Caught(
        "random/2-D grids, average", "if the sum is rounded to float32 before it is divided"
    ),
    "keeps-float64-weights": Caught("random/2-D grids, weighted", "in float32"),
    "sums-of-32-bits": Caught("worked/*32 bits*, average", "pooled: [0-9]{10} /"),
    "ignores-linkage": Caught(
        "random/2-D grids, weighted", "with linkage 'weighted' the weight is"
    ),
    "drops-inherited-edges": Caught(
        "random/multigraphs, average",
        r"is the former edge .* merged [0-9]+ into [0-9]+; [0-9]+ had no edge",
    ),
    "counts-second-edge-twice": Caught(
        "random/3-D grids, average", "if the second of two joined edges counts twice"
    ),
    "adds-stages-again": Caught(
        "random/multigraphs, average", "if a stage adds the edges of all earlier stages once more"
    ),
    "drops-earlier-stages": Caught("random/multigraphs, weighted", "edges of earlier stages stay"),
    "skips-empty-stages": Caught(
        "random/2-D grids, average",
        "has no edges of its own, but .* the threshold of stage [0-9] applies to them",
    ),
    "thresholds-only-fall": Caught(
        "random/2-D grids, weighted", "Thresholds may rise from stage to stage"
    ),
    "drops-edges-of-zeros": Caught("random/2-D grids, average", "is the pixel edge .*: 0 / 65535"),
    "ignores-mask": Caught("random/2-D grids, average", "outside the mask and must be 0"),
    "ignores-offset-signs": Caught(
        "random/3-D grids, weighted", r"is the pixel edge .* affinities\["
    ),
    "single-as-mean": Caught(
        "random/2-D grids, single", "if two joined edges weigh the mean of all their pixel edges"
    ),
    "single-pools-means": Caught(
        "random/multigraphs, single", "if pixel edges are pooled as with linkage 'average'"
    ),
    "single-keeps-lighter": Caught(
        "random/2-D grids, single", "weighs as much as the lightest of its pixel edges"
    ),
    "single-never-rises": Caught(
        "random/multigraphs, single",
        "if the edges of a stage are dropped where the pair has an edge already",
    ),
    "complete-as-single": Caught(
        "random/multigraphs, complete", "weighs as much as the heaviest of its pixel edges"
    ),
    "complete-keeps-heavier": Caught(
        "random/3-D grids, complete", "two joined edges weigh as much as the heavier of them"
    ),
    "complete-ignores-zeros": Caught(
        "random/multigraphs, complete", "of which the lightest counts: 0 / 65535"
    ),
    "ignores-strides": Caught("input/strides", "from arrays that are not contiguous"),
    "numbered-by-size": Caught(
        "random/2-D grids, average", "numbered 1, 2, ... in raster order of their first vertex"
    ),
    "numbered-from-zero": Caught("random/2-D grids, average", "every vertex needs a segment"),
    "sizes-without-first-vertex": Caught("random/2-D grids, average", r"sizes\[0\] is 0; 1 vert"),
    "confidences-of-the-last-stage": Caught(
        "random/2-D grids, average", "if only the edges of stage [0-9] count"
    ),
    "confidences-in-float32": Caught(
        "random/2-D grids, average", "if the mean is rounded to float32"
    ),
    "history-sorted-by-name": Caught("random/2-D grids, average", "right merges in another order"),
    "first-thread-wins-ties": Caught("threads/counts", "merged with up to [248] threads"),
    "breaks-ties-at-random": Caught("determinism/repeated merges", "merged 20 times"),
    "shares-problem-between-threads": Caught(
        "threads/several at once", "while other threads merge at the same time"
    ),
    "keeps-history-of-earlier-problems": Caught(
        "random/multigraphs, average", "after another problem"
    ),
    "modifies-input": Caught("input/unmodified", "changed its input: the array affinities"),
    "refuses-3d": Caught("random/3-D grids, average", "NotImplementedError: three axes"),
    "crashes-on-equal-weights": Caught(
        "random/multigraphs, weighted", r"process died \(SIGABRT\)", CRASHED
    ),
    "exits-with-code-0": Caught("random/multigraphs, weighted", "SystemExit"),
    "hangs-at-threshold": Caught(
        "worked/at the threshold, average", "no answer within", CRASHED, timeout=1
    ),
}


EXPLAINED_IN_PROCESS = {
    "tie-rule-by-larger-name",
    "needs-more-than-threshold",
    "rounds-sum-to-float32",
    "keeps-float64-weights",
    "ignores-linkage",
    "drops-inherited-edges",
    "counts-second-edge-twice",
    "adds-stages-again",
    "drops-earlier-stages",
    "skips-empty-stages",
    "thresholds-only-fall",
    "drops-edges-of-zeros",
    "ignores-mask",
    "numbered-by-size",
    "numbered-from-zero",
    "sizes-without-first-vertex",
    "confidences-of-the-last-stage",
    "confidences-in-float32",
}
"""Mutants that ``explain/test_explained_mutants.py`` finds, shrinks and explains, too, without a command."""

NAMES = [
    pytest.param(name, marks=[pytest.mark.exhaustive] * (name in EXPLAINED_IN_PROCESS))
    for name in MUTANTS
]


@pytest.fixture(scope="module")
def outcomes(request, mutants, tmp_path_factory):
    """For each mutant, the outcome that ``run_mutants.py`` writes; two processes share the mutants.

    Mutants of the same checks are in the same process, as it merges each problem once with the reference.
    """
    tests = [
        item for item in request.session.items if "outcomes" in getattr(item, "fixturenames", ())
    ]
    names = {item.callspec.params["name"] for item in tests}
    how = [(name, [MUTANTS[name].checks, MUTANTS[name].timeout]) for name in names]
    how.sort(key=lambda one: (one[1][0], one[0]))
    halves = dict(how[: len(how) // 2]), dict(how[len(how) // 2 :])
    path = os.pathsep.join([mutants["PYTHONPATH"], str(PROGRAM.parents[3])])

    def run_half(half):
        folder = tmp_path_factory.mktemp("mutants")
        done = subprocess.run(
            [sys.executable, PROGRAM],
            cwd=folder,
            env=mutants | {"PYTHONPATH": path},
            input=json.dumps(half),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(run_half, halves)
    return first | second


def test_every_mutant_is_validated():
    assert EXPLAINED_IN_PROCESS < {*MUTANTS}
    project = tomllib.loads(DECLARED.read_text())["project"]
    assert set(project["entry-points"][ENTRY_POINT_GROUP]) == {*MUTANTS, "broken"}


@pytest.mark.parametrize("name", NAMES)
def test_mutant_is_caught_and_its_mistake_explained(outcomes, name):
    assert outcomes[name]["code"] == MUTANTS[name].code
    assert re.search(MUTANTS[name].words, outcomes[name]["output"]), outcomes[name]["output"]


@pytest.mark.parametrize("name", NAMES)
def test_mutant_is_caught_again_by_its_small_counterexample(outcomes, name):
    assert outcomes[name]["vertices"] <= 12
    assert outcomes[name]["replayed"] == MUTANTS[name].code
    assert outcomes[name]["example"] == ""
