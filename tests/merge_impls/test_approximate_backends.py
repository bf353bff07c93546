"""Backends that declare linkages approximate, and the example: exact for "single", not for "average"."""

import numpy as np
import pytest

from merge_impls import Backend, MergeProblem, backends, fields, merge
from merge_impls.cli import main
from merge_impls.label_agreement import LabelAgreement


@pytest.mark.parametrize("family", ["street-mild", "uniform-random", "two-valued"])
def test_kruskal_is_exact_for_single_linkage(kruskal, family):
    problem = fields.graph_of_family(family, 5000, linkage="single")
    assert np.array_equal(merge(problem, kruskal).labels, merge(problem, "heap").labels)


def test_kruskal_never_splits_a_pair_above_the_threshold(kruskal):
    problem = MergeProblem.from_edges(
        3, [(0, 1), (1, 2), (0, 2)], np.array([1.0, 1, 0]), [0, 0, 0], [0.6]
    )
    # The mean of the two edges between {0, 1} and 2 is 0.5, but the stronger one alone reaches 0.6.
    exact, found = merge(problem, "heap").labels, merge(problem, kruskal).labels
    assert found.tolist() == [1, 1, 1] and len(set(exact.tolist())) == 2
    agreement = LabelAgreement.between(found, exact)
    assert agreement.split_bits == 0 < agreement.merge_bits


def test_an_approximate_linkage_is_declared_and_listed(plug_in, capsys):
    plug_in(
        rough="""
from merge_impls import Backend
merge = Backend("rough", "", "1", "rough_backend:run", approximate=("weighted",))
"""
    )
    assert backends()["rough"].approximate == ("weighted",) and backends()["c"].approximate == ()
    declared = Backend("rough", "", "1", "rough_backend:run", approximate=("weighted",))
    assert declared.exact_linkages == ("average",)
    assert main(["list"]) == 0
    assert "average, weighted (approximate)" in capsys.readouterr().out
