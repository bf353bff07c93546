"""A study can use any linkage, with thresholds of the model or of the study."""

from dataclasses import replace

import pytest

from bench.pipeline.config import PLAIN
from bench.runner.study import Variant
from tests.bench.study_helpers import cells

REFERENCE_AGAIN = """
from merge_impls import Backend
merge = Backend("again", "the reference under another name", "1",
                "merge_impls.builtin.networkx_merge:merge", linkages=("single", "complete"))
"""

# A high threshold, so that the slow reference merges only few edges.
OWN = {"thresholds": (0.99, 0.98), "min_pixels": 5}


def test_rows_with_other_linkages_are_merged_and_recorded(run, short_study, quick, plug_in):
    plug_in(again=REFERENCE_AGAIN)
    rows = tuple(
        Variant(linkage, PLAIN.replace(linkage=linkage, **OWN), own_linkage=True)
        for linkage in ("single", "complete")
    )
    found = cells(run(replace(short_study, backends=("again",), variants=rows)))
    for linkage in ("single", "complete"):
        record = found["again", linkage, "crops"]
        assert record.state == "done", record.reason
        assert [image.identical for image in record.images] == [True, True]
        assert list(record.thresholds) == list(OWN["thresholds"])


def test_a_linkage_without_settings_is_refused_with_what_to_do(run, short_study, quick):
    with pytest.raises(ValueError, match="has no .merge.single..*bench tune .* --linkage single`"):
        run(replace(short_study, linkages=("single",)))
