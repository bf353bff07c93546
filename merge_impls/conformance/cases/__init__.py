"""Worked cases: small problems with results worked out by hand; each case tests one rule of the contract."""

from merge_impls.conformance.cases.counted_edges import counted_edges_cases
from merge_impls.conformance.cases.grid_cases import grid_cases
from merge_impls.conformance.cases.labels_by_linkage import labels_by_linkage_cases
from merge_impls.conformance.cases.linkages_single_and_complete import (
    linkages_single_and_complete_cases,
)
from merge_impls.conformance.cases.one_stage import one_stage_cases
from merge_impls.conformance.cases.several_stages import several_stages_cases
from merge_impls.conformance.cases.worked_case import WorkedCase


def worked_cases() -> list[WorkedCase]:
    """Return all worked cases, at least one for each rule of the contract. Their names are unique."""
    return [
        *one_stage_cases(),
        *labels_by_linkage_cases(),
        *several_stages_cases(),
        *linkages_single_and_complete_cases(),
        *grid_cases(),
        *counted_edges_cases(),
    ]
