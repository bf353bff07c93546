"""Problems small enough to be merged by hand, with their results and the rule that each one tests."""

from merge_impls.conformance.cases.extremes import extremes_cases
from merge_impls.conformance.cases.grid_cases import grid_cases
from merge_impls.conformance.cases.one_stage import one_stage_cases
from merge_impls.conformance.cases.several_stages import several_stages_cases
from merge_impls.conformance.cases.worked_case import WorkedCase


def worked_cases() -> list[WorkedCase]:
    """All worked cases. Every rule of the contract has at least one case; names are unique."""
    return [*one_stage_cases(), *several_stages_cases(), *extremes_cases(), *grid_cases()]
