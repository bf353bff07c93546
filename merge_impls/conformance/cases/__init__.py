"""Cases small enough to be worked out by hand, with their results and the rule that each is about."""

from merge_impls.conformance.cases.grid_cases import grid_cases
from merge_impls.conformance.cases.one_stage import one_stage_cases
from merge_impls.conformance.cases.several_stages import several_stages_cases
from merge_impls.conformance.cases.worked_case import WorkedCase


def worked_cases() -> list[WorkedCase]:
    """Every rule of the contract has at least one; names are unique."""
    return [*one_stage_cases(), *several_stages_cases(), *grid_cases()]
