"""The exit code of a study follows from its cells: what is wrong, failed or is not installed."""

import pytest

from bench.report.run_summary import (
    describe_cores,
    describe_environment,
    describe_failed_and_wrong_cells,
    describe_machine,
    exit_code_of_cells,
)
from merge_impls.commands.exit_codes import CONFORMS, CRASHED, DISAGREES
from tests.bench.study_helpers import example_record

OUTSIDE = "mutex watershed, another rule"


@pytest.mark.parametrize(
    ("state", "computes", "needed", "code"),
    [
        ("failed", "", (), CRASHED),
        ("failed", OUTSIDE, (), CONFORMS),
        ("failed", OUTSIDE, ("c",), CRASHED),
        ("disagreed", OUTSIDE, (), DISAGREES),
    ],
)
def test_only_methods_outside_the_contract_may_fail_unless_they_are_needed(
    state, computes, needed, code
):
    record = example_record(state=state, computes=computes, reason="no answer within 60 s")
    found = [record, example_record()]
    assert exit_code_of_cells(found, needed) == code
    assert len(describe_failed_and_wrong_cells(found, needed)) == 1


def test_cells_of_a_method_with_the_same_reason_share_a_line():
    cells = [("c", "maps"), ("c", "crops"), ("numba", "maps")]
    found = [
        example_record({"backend": name, "scope": scope}, state="failed", reason="killed")
        for name, scope in cells
    ]
    other = example_record({"backend": "c"}, state="failed", reason="no answer within 60 s")
    lines = describe_failed_and_wrong_cells([*found, other])
    assert [line.split(" ", 2)[2] for line in lines] == [
        "maps, crops: failed: killed",
        "maps: failed: killed",
        "maps: failed: no answer within 60 s",
    ]


def test_the_cores_are_those_of_the_timing_and_not_of_the_machine():
    found = [example_record(), example_record({"threads": 2})]
    assert describe_cores(found[:1]) == "one core"
    assert describe_cores(found) == "one core; 2 threads on as many cores"


def test_libraries_stand_in_the_environment_alone():
    machine = {"processor": "Z80", "cores": 1, "numpy": "2.4", "numpy dispatch": "X86_V3"}
    found = [example_record(machine=machine)]
    assert describe_machine(found) == "processor Z80, cores 1"
    assert machine.items() - {("cores", 1)} <= describe_environment(found).items()


def test_a_reason_does_not_name_the_code_of_a_method_beside_its_name():
    reason = "400 edges: backend bench.methods.higra:HIGRA: no answer within 60 s"
    cell = {"dataset": "fields", "split": "star", "model": None, "backend": "Higra, staged"}
    failed = example_record(cell, state="failed", reason=reason)
    (line,) = describe_failed_and_wrong_cells([failed])
    assert line.endswith("failed: 400 edges: no answer within 60 s") and "Higra, staged" in line
