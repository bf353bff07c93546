"""A study of many images holds hardly more memory than a study of few."""

import gc
import json
import shutil
import subprocess
import sys
import tracemalloc
import weakref
from dataclasses import replace

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.pipeline.segment import Pipeline
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner
from bench.runner.study import Variant
from tests.docs.pages import ROOT

FEW, MANY = 4, 12
SIZE = 96, 192
BYTES_OF_NUMBERS = 8_000
"""More than the names, matches and counts of an image need, less than the masks of its objects."""

FRAMES_OF_PEAK = 8, 500
PEAK_BYTES_OF_FRAME = 20_000
"""More than the main process needs for a frame of two rows at its peak: for the matches of some 20 objects
with the annotation (4 kB a row), bootstrap weights (4 kB), entries of records (0.6 kB each), their
keys (2 kB), and for buffers that are full with few hundred frames."""

PEAK_BYTES_OF_WORKER = 6_000_000
"""By how much the peak of a worker may change, with any number of frames."""

OF_IMAGES = [
    tracemalloc.Filter(True, f"*/bench/{name}")
    for name in ("types.py", "datasets/*", "evaluation/*", "pipeline/*", "runner/*")
]
"""The code that holds images, masks and results; the interpreter's own tables are not counted."""


def make_frames(root, count, size):
    """Copies of one image, because the memory of a merge depends on the content of the image."""
    generate(root, {"val": 1}, size)
    for path in [each for each in root.rglob("*_000000_*") if each.is_file()]:
        for number in range(1, count):
            shutil.copy(path, path.with_name(path.name.replace("_000000_", f"_{number:06d}_", 1)))


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    root = tmp_path_factory.mktemp("frames")
    make_frames(root, MANY, SIZE)
    return open_dataset("scenes", root)


@pytest.fixture
def run_study(frames, tiny_model, short_study, tmp_path, quick):
    """A function that runs a study of the oracle on the first ``limit`` images."""
    oracle = Variant("oracle", short_study.strategy, oracle=("affinity", "semantic"))
    study = replace(short_study, reference="heap", variants=(oracle,))
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "cache"))

    def run(limit):
        problems = ImageProblems(study, frames, pipeline, limit)
        found = Runner(problems, tmp_path / str(limit)).run()
        assert all(len(record.images) == limit for record in found.records)
        (results,) = found.image_results.values()
        assert all(len(result.instances) for result in results)
        return found

    return run


def bytes_held_after(run_study, limit):
    """The memory that is held while the result of a study on ``limit`` images lives."""
    gc.collect()
    tracemalloc.start()
    found = run_study(limit)
    gc.collect()
    held = tracemalloc.take_snapshot().filter_traces(OF_IMAGES)
    tracemalloc.stop()
    del found
    return sum(trace.size for trace in held.traces)


def test_a_study_holds_no_masks_of_the_images_it_has_done(run_study):
    run_study(1)  # imports, and caches of a first run, which would take long while memory is traced
    few, many = (bytes_held_after(run_study, limit) for limit in (FEW, MANY))
    assert many - few < (MANY - FEW) * BYTES_OF_NUMBERS


@pytest.mark.exhaustive
def test_the_peaks_of_a_study_hardly_grow_with_its_frames(tiny_model, tmp_path):
    few, many = FRAMES_OF_PEAK
    make_frames(tmp_path / "frames", many, (64, 128))
    peaks = {}
    for limit in (few, many):
        given = [tmp_path / "frames", tiny_model, str(limit), tmp_path / str(limit)]
        command = [sys.executable, "-m", "tests.bench.runner.peak_memory", *given]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        peaks[limit] = json.loads(done.stdout)
    grown = {name: peaks[many][name] - peaks[few][name] for name in peaks[few]}
    assert grown["main"] < (many - few) * PEAK_BYTES_OF_FRAME
    assert grown["worker"] < PEAK_BYTES_OF_WORKER


def test_a_predictor_is_freed_without_the_garbage_collector(tiny_model, tmp_path):
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path))
    predictor = pipeline.predictor(np.zeros((64, 64, 3), np.uint8))
    predictor.semantic(pipeline.whole_image_view((64, 64)))
    freed = weakref.ref(predictor)
    gc.disable()
    try:
        del predictor
        assert freed() is None
    finally:
        gc.enable()
