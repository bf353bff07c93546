"""A fixture: the problem that workers merge."""

import numpy as np
import pytest

from merge_impls import MergeProblem


@pytest.fixture
def problem():
    affinities = np.random.default_rng(0).random((2, 30, 20))
    return MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 0], [0.5], linkage="weighted")
