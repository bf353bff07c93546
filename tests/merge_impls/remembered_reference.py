"""Makes the reference remember its results, as tests validate many backends on the same problems."""

from dataclasses import fields
from functools import wraps

import numpy as np

from merge_impls.builtin import networkx_merge


def problem_key(problem):
    """A value that is equal for problems with the same content, and for no others."""
    values = [getattr(problem, field.name) for field in fields(problem)]
    return tuple(
        (value.shape, value.dtype.str, value.tobytes()) if isinstance(value, np.ndarray) else value
        for value in values
    )


def remember_results(merge):
    """A merge that computes the result of each problem once; the results' arrays are read-only."""
    results = {}

    @wraps(merge)
    def remembering(problem):
        key = problem_key(problem)
        if key not in results:
            results[key] = merge(problem)
            for value in vars(results[key]).values():
                if isinstance(value, np.ndarray):
                    value.flags.writeable = False
        return results[key]

    return remembering


REMEMBERING_REFERENCE = remember_results(networkx_merge.merge)
"""The merge of the reference backend, in this process and not in its workers."""
