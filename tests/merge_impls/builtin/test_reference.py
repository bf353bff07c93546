"""The reference, ``networkx``, gives the same results as ``literal_merge``."""

import pytest

from merge_impls import first_difference, merge
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.literal_merge import literal_merge


@pytest.mark.parametrize(("thorough", "count"), [(False, 500), (True, 50)], ids=["small", "large"])
def test_the_reference_merges_like_the_papers_algorithm_1(thorough, count):
    merges = []

    def compare(problem):
        expected = literal_merge(problem)
        assert first_difference(expected, merge(problem, "networkx")) is None
        merges.append(len(expected.history))

    for_each_example(problems(thorough=thorough), compare, count, seeded_by="reference")
    assert sum(merges) > 5 * count
