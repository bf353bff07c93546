"""The functions of ``bench`` for Python do what the commands do."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import bench
from bench.paths import ROOT
from bench.types import Instance
from merge_impls import merge

pytestmark = pytest.mark.usefixtures("forked_workers")

LIGHT = """
import sys
import bench
print({"torch", "numpy", "pandas", "click"} & {*sys.modules})
"""


def merge_with_heap(problem):
    return merge(problem, "heap")


def join_everything(prediction, config):
    return replace(prediction, affinity=np.ones_like(prediction.affinity))


@pytest.fixture
def random_image():
    return np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)


def test_importing_bench_imports_no_large_library():
    run = subprocess.run(
        [sys.executable, "-c", LIGHT], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"


def test_bench_has_no_other_attribute():
    with pytest.raises(AttributeError, match="'nothing'"):
        _ = bench.nothing


def test_segment_takes_a_function_or_a_name(tiny_model, tmp_path, random_image):
    named, own = (
        bench.segment(random_image, str(tiny_model), backend, tmp_path)
        for backend in ("heap", merge_with_heap)
    )
    assert named.backend == "heap" and own.backend.endswith(":merge_with_heap")
    assert [one.confidence for one in named.instances] == [one.confidence for one in own.instances]


@pytest.mark.parametrize("image", [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3)), None])
def test_segment_refuses_arrays_that_are_no_image(image, tiny_model):
    with pytest.raises(ValueError, match="give an array .* or a path"):
        bench.segment(image, str(tiny_model))


def test_a_function_inside_another_is_refused():
    with pytest.raises(ValueError, match="cannot be imported by a worker process; write it"):
        bench.segment(np.zeros((8, 8, 3), np.uint8), backend=lambda problem: problem)


def test_segment_takes_a_strategy_as_a_function(tiny_model, tmp_path, random_image):
    plain, own, inner = (
        bench.segment(random_image, str(tiny_model), "heap", tmp_path, own_strategy=each)
        for each in ("off", join_everything, lambda *given: join_everything(*given))
    )
    sizes = [[each.merge.sizes.tolist() for each in found.regions] for found in (own, inner)]
    assert sizes[0] == sizes[1] != [each.merge.sizes.tolist() for each in plain.regions]


def test_evaluate_scores_the_annotation_as_perfect(street):
    by_number = {number: name for number, name in enumerate(street.class_names)}
    found = {}
    for name in street.names("val"):
        truth = street.annotation("val", name)
        found[name] = [
            Instance(truth.objects == 1 + number, by_number[int(index)], 1.0)
            for number, index in enumerate(truth.classes)
            if not truth.is_group[number]
        ]
    assert bench.evaluate(found, root=street.root)["ap"] == 1


def test_evaluate_names_an_unknown_image(street):
    with pytest.raises(ValueError, match="'nowhere' is not an image of scenes val"):
        bench.evaluate({"nowhere": []}, root=street.root)


def test_a_sweep_has_a_row_for_each_value(street, tiny_model, tmp_path):
    settings = {
        "flm": [1, 2],
        "backends": ("c",),
        "baseline": "c",
        "scored_alone": (),
        "pictures": 0,
    }
    settings |= {"linkages": ("average",), "map_reference": "c"}
    table = bench.sweep(
        "default",
        settings,
        rounds=1,
        limit=1,
        root=street.root,
        model=str(tiny_model),
        cache=tmp_path,
        out=tmp_path / "run",
    )
    assert list(table["row"]) == ["flm=1", "flm=2"]
    same = bench.compare(tmp_path / "run", tmp_path / "run")
    assert (same["ratio"] == 1).all() and len(same)


def test_a_sweep_takes_a_strategy_and_compares_it(street, tiny_model, quick, tmp_path):
    settings = {"backends": ("c",), "baseline": "c", "scored_alone": (), "pictures": 0}
    settings |= {"linkages": ("average",), "map_reference": "c"}

    def sweep(value, out):
        return bench.sweep(
            "default",
            {**settings, "own_strategy": value},
            rounds=1,
            limit=1,
            root=street.root,
            model=str(tiny_model),
            cache=tmp_path,
            out=tmp_path / out,
        )

    both = sweep(["off", join_everything], "both")
    assert list(both["row"]) == ["own_strategy=off", f"own_strategy={__name__}:join_everything"]
    for value, out in (("off", "before"), (join_everything, "after")):
        sweep(value, out)
    changes = bench.compare(tmp_path / "before", tmp_path / "after")
    assert len(changes)


def test_a_sweep_refuses_a_strategy_without_a_name():
    with pytest.raises(ValueError, match="function .*lambda.* cannot be imported"):
        bench.sweep("default", {"own_strategy": lambda prediction, config: prediction})
