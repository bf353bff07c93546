"""A study from images to records: measured once, resumed where it stopped, never wrong in silence."""

import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from bench import records
from bench.cache import AffinityCache
from bench.evaluation import official
from bench.evaluation.scores import Scores
from bench.pipeline import Pipeline
from bench.report.tables import speed_accuracy
from bench.runner import measuring
from bench.runner import runner as runner_module
from bench.runner.measuring import Measuring
from bench.runner.runner import Runner
from merge_impls.isolation import Worker
from models.config import read_config, write_config

RIGHT = """
from merge_impls import merge as merge_with
def merge(problem):
    return merge_with(problem, "heap")
"""
# Ends its process on whole maps.
DYING = """
import os
from merge_impls import merge as merge_with
def merge(problem):
    if problem.num_vertices > 4096:
        os._exit(7)
    return merge_with(problem, "heap")
"""
# Merges nothing on whole maps.
WRONG_ON_MAPS = """
import numpy as np
from merge_impls import merge as merge_with
def merge(problem):
    if problem.num_vertices > 4096:
        return np.where(problem.mask, np.cumsum(problem.mask).reshape(problem.shape), 0)
    return merge_with(problem, "heap")
"""
NEEDY = """
from merge_impls import Backend
merge = Backend("needy", "wants a lot", "0.3", "needy_backend:run",
                requires=("a_module_that_is_nowhere",), install="pip install luck")
"""
DECLARED = f"""
from merge_impls import Backend
{RIGHT}
function, merge = merge, Backend("own", "", "{{}}", "own_backend:function")
"""


class Asked(Exception):
    """Something was to be measured or scored that was there already."""


def ask(*_, **__):
    raise Asked


def quick_scores(found, truth):
    """In place of the official evaluator, which has tests of its own."""
    assert found.keys() == truth.keys()
    return Scores(0.25, 0.5, {"car": (0.25, 0.5)}, len(found), "none")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(official, "evaluate", quick_scores)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return AffinityCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def run_in(street, tiny_model, cache):
    """Runs a study in a folder."""

    def run_study(folder, study, model=tiny_model):
        return Runner(study, street, Pipeline(model, cache), folder).run()

    return run_study


@pytest.fixture
def run(run_in, tmp_path):
    """Runs a study in the folder of the test."""
    return partial(run_in, tmp_path / "run")


@pytest.fixture(scope="module")
def finished(run_in, small_study, tmp_path_factory):
    """The folder of a finished run of the small study, and what it found."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(official, "evaluate", quick_scores)
        return folder, run_in(folder, small_study)


@pytest.fixture
def measured(finished, quick, tmp_path):
    """What a run found whose folder is that of the test."""
    folder, found = finished
    shutil.copytree(folder, tmp_path / "run")
    return found


def cells(found):
    return {
        (record["cell"]["backend"], record["cell"]["linkage"], record["cell"]["scope"]): record
        for record in found.records
    }


def kept(tmp_path):
    return records.read(tmp_path / "run" / "records.jsonl")


def units(tmp_path):
    return sorted((tmp_path / "run" / "units").glob("*.npz"))


@pytest.fixture
def counted(monkeypatch):
    """The (image, linkage) of every unit that is measured."""
    places, measure = [], Measuring.unit

    def unit(self, name, size, pipeline, pieces):
        places.append((name, pipeline.strategy.linkage))
        return measure(self, name, size, pipeline, pieces)

    monkeypatch.setattr(Measuring, "unit", unit)
    return places


def test_a_first_run_gives_a_done_record_for_every_cell(measured, small_study, street, tmp_path):
    merges = {
        (backend, linkage, scope)
        for linkage in small_study.linkages
        for backend, scope in [("c", "maps"), ("c", "crops"), ("networkx", "crops")]
    }
    found = cells(measured)
    assert found.keys() == {("components", None, "maps")} | merges
    assert kept(tmp_path) == measured.records and not measured.faults
    assert len(units(tmp_path)) == 4
    for place in merges:
        assert [image["name"] for image in found[place]["images"]] == street.names("val")
        for image in found[place]["images"]:
            assert image["identical"] is True and len(image["seconds"]) == small_study.rounds
            assert image["vertices"] > image["segments"] > 1 and image["merges"] > 0
    assert found["c", "average", "crops"]["images"][0]["vertices"] <= 8 * 12
    assert {place for place in found if found[place]["scores"]} == {
        ("components", None, "maps"),
        ("c", "average", "maps"),
        ("c", "weighted", "maps"),
    }


def test_a_second_run_measures_and_scores_nothing(measured, run, small_study, monkeypatch):
    monkeypatch.setattr(runner_module, "Measuring", ask)
    monkeypatch.setattr(official, "evaluate", ask)
    again = run(small_study)
    assert again.records == measured.records
    for linkage, of_linkage in measured.units.items():
        for one, other in zip(of_linkage, again.units[linkage], strict=True):
            assert one.parts == other.parts
            assert len(one.instances) == len(other.instances)
            for left, right in zip(one.instances, other.instances, strict=True):
                assert np.array_equal(left.mask, right.mask)
                assert (left.class_name, left.score) == (right.class_name, right.score)


def test_a_study_that_was_killed_measures_only_the_rest(
    run, small_study, quick, counted, monkeypatch, tmp_path
):
    measure = Measuring.unit

    def once(*place):
        if counted:
            raise KeyboardInterrupt
        return measure(*place)

    with monkeypatch.context() as patch:
        patch.setattr(Measuring, "unit", once)
        with pytest.raises(KeyboardInterrupt):
            run(small_study)
    (first,) = counted
    assert len(units(tmp_path)) == 1 and kept(tmp_path) == []
    counted.clear()
    found = run(small_study)
    assert len(counted) == 3 and first not in counted
    assert not found.faults and len(kept(tmp_path)) == 7


def test_a_damaged_unit_alone_is_measured_again(measured, run, small_study, counted, tmp_path):
    damaged = units(tmp_path)[0]
    damaged.write_bytes(damaged.read_bytes()[:-1])
    found = run(small_study)
    assert len(counted) == 1 and not found.faults
    assert len(units(tmp_path)) == 4


def with_numbers(tiny_model, tmp_path, **changes):
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    config = read_config(folder / "model.toml")
    merge = {name: replace(numbers, **changes) for name, numbers in config.merge.items()}
    write_config(replace(config, merge=merge), folder / "model.toml")
    return folder


STUDY_CHANGES = [
    {"rounds": 2},
    {"backends": ("c", "numba")},
    {"reference": "numba"},
    {"map_reference": "c"},
    {"crop": (8, 13)},
]


@pytest.mark.parametrize("change", STUDY_CHANGES, ids=str)
def test_another_study_is_measured_anew(measured, run, small_study, monkeypatch, change):
    monkeypatch.setattr(runner_module, "Measuring", ask)
    with pytest.raises(Asked):
        run(replace(small_study, **change))


@pytest.mark.parametrize("change", [{"thresholds": (0.85, 0.7)}, {"min_pixels": 21}], ids=str)
def test_other_numbers_of_the_merge_are_measured_anew(
    measured, run, small_study, monkeypatch, tiny_model, tmp_path, change
):
    monkeypatch.setattr(runner_module, "Measuring", ask)
    with pytest.raises(Asked):
        run(small_study, with_numbers(tiny_model, tmp_path, **change))


def test_another_version_of_a_backend_is_measured_anew(
    run, short_study, quick, plug_in, monkeypatch
):
    study = replace(short_study, backends=("own",))
    plug_in(own=DECLARED.format("0.1"))
    assert not run(study).faults
    monkeypatch.setattr(runner_module, "Measuring", ask)
    assert not run(study).faults
    plug_in(own=DECLARED.format("0.2"))
    with pytest.raises(Asked):
        run(study)


@pytest.fixture
def short_study(small_study):
    """One linkage, no baselines."""
    return replace(small_study, linkages=("average",), baselines=())


def test_a_backend_that_disagrees_is_named_with_image_and_merge_and_has_neither_score_nor_speed(
    run, short_study, quick, plug_in, wrong, street, tmp_path
):
    plug_in(liar=wrong)
    study = replace(short_study, backends=("c", "liar"))
    found = run(study)
    of_liar = [record for record in found.records if record["cell"]["backend"] == "liar"]
    assert found.faults == of_liar and len(of_liar) == 2
    for record in of_liar:
        assert record["state"] == "disagreed" and record["scores"] is None
        assert record["reason"].startswith(street.names("val")[0])
        assert "history differs at merge 2: " in record["reason"]
        assert "\n" not in record["reason"]
        assert [image["identical"] for image in record["images"]] == [False, False]
    table = speed_accuracy(found.records).set_index("backend")
    assert np.isnan(table.loc["liar", "ms"]) and np.isnan(table.loc["liar", "AP"])
    assert table.loc["liar", "identical"] == "NO"
    assert table.loc["c", "ms"] > 0 and table.loc["c", "identical"] == "yes"
    assert units(tmp_path) == [] and kept(tmp_path) == []


@pytest.mark.parametrize(
    ("map_reference", "blamed"), [("heap", {"own"}), (None, {"own", "c"})], ids=["heap", "none"]
)
def test_on_whole_maps_the_map_reference_is_believed_and_without_one_nobody_is(
    run, short_study, quick, plug_in, map_reference, blamed
):
    plug_in(own=WRONG_ON_MAPS)
    study = replace(short_study, backends=("own", "c", "heap"), map_reference=map_reference)
    found = run(study)
    assert {fault["cell"]["backend"] for fault in found.faults} == blamed
    # Who is wrong is not what another is identical to.
    of_c = cells(found)["c", "average", "maps"]
    assert of_c["identical_to"] == "networkx on 12x8 crops, heap on maps"


def test_a_map_reference_that_is_wrong_on_a_crop_is_not_believed_on_the_map(
    run, short_study, quick, plug_in, wrong
):
    plug_in(liar=wrong)
    found = run(replace(short_study, backends=("liar", "c"), map_reference="liar"))
    assert {fault["cell"]["backend"] for fault in found.faults} == {"liar"}


def test_a_backend_that_was_mended_is_measured_and_kept(
    run, short_study, quick, plug_in, wrong, tmp_path
):
    study = replace(short_study, backends=("c", "own"))
    plug_in(own=wrong)
    assert {fault["cell"]["backend"] for fault in run(study).faults} == {"own"}
    plug_in(own=RIGHT)
    found = run(study)
    assert not found.faults and kept(tmp_path) == found.records
    assert len(units(tmp_path)) == 2


def test_a_backend_that_dies_has_failed_and_the_others_go_on(
    run, short_study, quick, plug_in, street, tmp_path
):
    plug_in(mortal=DYING)
    found = run(replace(short_study, backends=("mortal", "c")))
    assert {fault["cell"]["backend"] for fault in found.faults} == {"mortal"}
    for record in found.faults:
        assert record["state"] == "failed" and record["scores"] is None
        assert record["reason"] == (
            f"{street.names('val')[0]}: backend mortal: its process died (exit code 7)"
        )
    assert cells(found)["c", "average", "maps"]["scores"]["ap"] == 0.25
    assert units(tmp_path) == [] and kept(tmp_path) == []


def test_a_backend_that_hangs_is_waited_for_once(
    run, short_study, quick, plug_in, tmp_path, monkeypatch
):
    calls = tmp_path / "calls"
    plug_in(
        stuck=f"""
import time
from merge_impls import merge as merge_with
def merge(problem):
    if problem.shape != (4, 4):
        with open({str(calls)!r}, "a") as file:
            file.write("called ")
        time.sleep(600)
    return merge_with(problem, "heap")
"""
    )
    monkeypatch.setattr(measuring, "Worker", partial(Worker, timeout=3))
    found = run(replace(short_study, backends=("stuck", "c")))
    assert {fault["cell"]["backend"] for fault in found.faults} == {"stuck"}
    assert {fault["state"] for fault in found.faults} == {"failed"}
    assert "no answer within 3 s" in found.faults[0]["reason"]
    assert calls.read_text() == "called "
    assert cells(found)["c", "average", "maps"]["scores"]["ap"] == 0.25


def test_a_check_that_the_reference_could_not_make_is_made_up_for(
    run, short_study, quick, plug_in, tmp_path
):
    study = replace(short_study, reference="own")
    plug_in(own="def merge(problem):\n    raise MemoryError\n")
    found = run(study)
    assert [fault["cell"]["backend"] for fault in found.faults] == ["own"]
    assert found.faults[0]["state"] == "failed" and "MemoryError" in found.faults[0]["reason"]
    unchecked = cells(found)["c", "average", "maps"]
    assert {image["identical"] for image in unchecked["images"]} == {None}
    plug_in(own=RIGHT)
    again = run(study)
    assert not again.faults
    checked = cells(again)["c", "average", "maps"]
    assert {image["identical"] for image in checked["images"]} == {True}


def test_an_unavailable_backend_says_why_and_the_others_are_kept(
    run, short_study, quick, plug_in, tmp_path
):
    plug_in(needy=NEEDY)
    found = run(replace(short_study, backends=("needy", "c", "nowhere")))
    by_backend = {fault["cell"]["backend"]: fault for fault in found.faults}
    assert by_backend.keys() == {"needy", "nowhere"}
    assert {fault["state"] for fault in found.faults} == {"unavailable"}
    assert "is not installed: pip install luck" in by_backend["needy"]["reason"]
    assert by_backend["nowhere"]["reason"].startswith("no backend of that name: ")
    assert kept(tmp_path) == [record for record in found.records if record["state"] == "done"]
    assert len(units(tmp_path)) == 2


def test_a_limit_takes_the_first_images(street, tiny_model, cache, short_study, quick, tmp_path):
    found = Runner(short_study, street, Pipeline(tiny_model, cache), tmp_path, limit=1).run()
    for record in found.records:
        assert [image["name"] for image in record["images"]] == street.names("val")[:1]
