"""Measures the peak memory of a study of scenes on two worker processes, without times.

``python -m tests.bench.runner.peak_memory ROOT MODEL LIMIT OUT [ROWS]``: the study has ROWS rows, one or two,
with both networks replaced by the annotation. Prints the peaks in bytes, as JSON: of the main process, and of
the largest worker.
"""

import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.pipeline.config import PLAIN
from bench.pipeline.segment import Pipeline
from bench.runner.executors import ProcessExecutor
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner
from bench.runner.study import Study, StudyImages, Variant


def peak_bytes():
    """The most memory that this process has had."""
    [line] = [
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    ]
    return 1024 * int(line.split()[1])


def with_peak(function, task):
    return function(task), peak_bytes()


class MeasuredExecutor:
    """Two worker processes, and the largest of their peaks."""

    def __init__(self):
        self.peak, self._executor = 0, ProcessExecutor(2)

    def run(self, function, tasks):
        for outcome in self._executor.run(partial(with_peak, function), tasks):
            value, peak = outcome.value
            self.peak = max(self.peak, peak)
            yield replace(outcome, value=value)


def oracle_study(number_of_rows):
    rows = [("plain", PLAIN), ("PAR off", PLAIN.replace(par="off"))]
    return Study(
        name="oracle",
        source=StudyImages("scenes", "val", "tiny", crop=(8, 12)),
        linkages=("average",),
        backends=("c",),
        reference="heap",
        rounds=0,
        variants=tuple(
            Variant(name, config, oracle=("affinity", "semantic"))
            for name, config in rows[:number_of_rows]
        ),
    )


def main(root, model, limit, out, rows=2):
    executor = MeasuredExecutor()
    pipeline = Pipeline(Path(model), AffinityCache(Path(out) / "cache"))
    dataset = open_dataset("scenes", Path(root))
    problems = ImageProblems(
        oracle_study(int(rows)), dataset, pipeline, int(limit), executor=executor
    )
    found = Runner(problems, Path(out)).run().records
    assert all(record.state == "done" for record in found), [each.reason for each in found]
    assert all(len(record.images) == int(limit) for record in found)
    print(json.dumps({"main": peak_bytes(), "worker": executor.peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
