"""Cases small enough to do by hand, with their answers and the reason for each."""

from merge_impls.conformance.worked_case import WorkedCase
from merge_impls.conformance.worked_grids import grid_cases
from merge_impls.conformance.worked_merges import merge_cases
from merge_impls.conformance.worked_stages import stage_cases


def worked_cases() -> list[WorkedCase]:
    """Every rule of the contract has at least one; names are unique."""
    return [*merge_cases(), *stage_cases(), *grid_cases()]
