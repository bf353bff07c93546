"""Backends that are wrong, crash, hang or are missing are reported and not scored; others are measured."""

from dataclasses import replace

import numpy as np
import pytest

from bench.report.tables.image_study import speed_accuracy_table
from tests.bench.study_helpers import RIGHT, cells, kept, records_not_done, saved_results

# A backend that ends its process on whole maps.
DYING = """
import os
from merge_impls import merge as merge_with
def merge(problem):
    if problem.num_vertices > 4096:
        os._exit(7)
    return merge_with(problem, "heap")
"""
# A backend that merges nothing on whole maps.
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


def test_a_backend_that_disagrees_has_a_reason_and_neither_score_nor_speed(
    run, short_study, quick, plug_in, wrong, street, tmp_path
):
    plug_in(liar=wrong)
    study = replace(short_study, backends=("c", "liar"))
    found = run(study)
    of_liar = [record for record in found.records if record.cell.backend == "liar"]
    assert records_not_done(found) == of_liar and len(of_liar) == 2
    for record in of_liar:
        assert record.state == "disagreed" and record.scores is None
        assert record.reason.startswith(street.names("val")[0])
        assert "history differs at merge 2: " in record.reason
        assert "\n" not in record.reason
        assert [image.identical for image in record.images] == [False, False]
    table = speed_accuracy_table(found.records).set_index("backend")
    assert np.isnan(table.loc["liar", "ms"]) and np.isnan(table.loc["liar", "AP"])
    assert table.loc["liar", "identical"] == "NO"
    assert table.loc["c", "ms"] > 0 and table.loc["c", "identical"] == "yes"
    assert saved_results(tmp_path) == [] and kept(tmp_path) == []


@pytest.mark.parametrize(
    ("map_reference", "blamed"), [("heap", {"own"}), (None, {"own", "c"})], ids=["heap", "none"]
)
def test_on_maps_only_a_map_reference_shows_which_backend_is_wrong(
    run, short_study, quick, plug_in, map_reference, blamed
):
    plug_in(own=WRONG_ON_MAPS)
    study = replace(short_study, backends=("own", "c", "heap"), map_reference=map_reference)
    found = run(study)
    assert {record.cell.backend for record in records_not_done(found)} == blamed
    # No backend is reported as identical to a wrong backend.
    of_c = cells(found)["c", "average", "maps"]
    assert of_c.identical_to == "networkx on crops of 8x12, heap on maps"


def test_a_map_reference_that_is_wrong_on_a_crop_is_no_reference(
    run, short_study, quick, plug_in, wrong
):
    plug_in(liar=wrong)
    found = run(replace(short_study, backends=("liar", "c"), map_reference="liar"))
    assert {record.cell.backend for record in records_not_done(found)} == {"liar"}


def test_a_corrected_backend_is_measured_again_and_kept(
    run, short_study, quick, plug_in, wrong, tmp_path
):
    study = replace(short_study, backends=("c", "own"))
    plug_in(own=wrong)
    assert {record.cell.backend for record in records_not_done(run(study))} == {"own"}
    plug_in(own=RIGHT)
    found = run(study)
    assert not records_not_done(found) and kept(tmp_path) == found.records
    assert len(saved_results(tmp_path)) == 2


def test_a_backend_that_dies_has_failed_and_the_others_go_on(
    run, short_study, quick, plug_in, street, tmp_path
):
    plug_in(mortal=DYING)
    found = run(replace(short_study, backends=("mortal", "c")))
    assert {record.cell.backend for record in records_not_done(found)} == {"mortal"}
    for record in records_not_done(found):
        assert record.state == "failed" and record.scores is None
        assert record.reason == (
            f"{street.names('val')[0]}: backend mortal: its process died (exit code 7)"
        )
    assert cells(found)["c", "average", "maps"].scores["ap"] == 0.25
    assert saved_results(tmp_path) == [] and kept(tmp_path) == []


def test_a_hanging_backend_is_run_only_once(run, short_study, quick, plug_in, tmp_path):
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
    found = run(replace(short_study, backends=("stuck", "c"), timeout=3))
    assert {record.cell.backend for record in records_not_done(found)} == {"stuck"}
    assert {record.state for record in records_not_done(found)} == {"failed"}
    assert "no answer within 3 s" in records_not_done(found)[0].reason
    assert calls.read_text() == "called "
    assert cells(found)["c", "average", "maps"].scores["ap"] == 0.25


def test_a_check_that_the_reference_failed_is_made_in_the_next_run(
    run, short_study, quick, plug_in, tmp_path
):
    study = replace(short_study, reference="own")
    plug_in(own="def merge(problem):\n    raise MemoryError\n")
    found = run(study)
    assert [record.cell.backend for record in records_not_done(found)] == ["own"]
    assert (
        records_not_done(found)[0].state == "failed"
        and "MemoryError" in records_not_done(found)[0].reason
    )
    unchecked = cells(found)["c", "average", "maps"]
    assert {image.identical for image in unchecked.images} == {None}
    plug_in(own=RIGHT)
    again = run(study)
    assert not records_not_done(again)
    checked = cells(again)["c", "average", "maps"]
    assert {image.identical for image in checked.images} == {True}


def test_an_unavailable_backend_says_why_and_the_others_are_kept(
    run, short_study, quick, plug_in, tmp_path
):
    plug_in(needy=NEEDY)
    found = run(replace(short_study, backends=("needy", "c", "nowhere")))
    by_backend = {record.cell.backend: record for record in records_not_done(found)}
    assert by_backend.keys() == {"needy", "nowhere"}
    assert {record.state for record in records_not_done(found)} == {"unavailable"}
    assert "is not installed: pip install luck" in by_backend["needy"].reason
    assert by_backend["nowhere"].reason.startswith("no method of that name: ")
    assert kept(tmp_path) == [record for record in found.records if record.state == "done"]
    assert len(saved_results(tmp_path)) == 2
