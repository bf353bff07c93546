"""The baseline is measured twice and divides the times; results are compared with the reference."""

from dataclasses import replace

import pytest

from bench.pipeline.config import PLAIN
from bench.report.tables.study_tables import study_tables
from bench.runner.field_methods import field_methods
from bench.runner.field_problems import FieldProblems
from bench.runner.records_of_runs import label_records
from bench.runner.runner import Runner
from bench.runner.study import Study, StudyFields, Variant

ROWS = (Variant("exact", PLAIN), Variant("local merge forced", PLAIN.replace(flm=2)))


@pytest.fixture
def field_study():
    """A study of two tiny fields. The reference is ``heap``; ``c`` merges both fields."""
    source = StudyFields(("mild",), size=(16, 32), sizes=((8, 16), (16, 32)))
    return Study("small", source, ("average",), ("c",), "heap", rounds=3, scaled=("c",))


def names_merged_twice(found):
    return {each.cell.backend for each in found if each.images[-1].seconds_again}


@pytest.mark.parametrize("is_exact", [True, False])
def test_fields_are_compared_with_the_named_baseline(field_study, kruskal, tmp_path, is_exact):
    baseline = "c" if is_exact else kruskal
    study = replace(field_study, baseline=baseline, third_party=(kruskal,))
    found = Runner(FieldProblems(study), tmp_path).run().records
    assert {each.state for each in found} == {"done"} and names_merged_twice(found) == {baseline}
    assert {each.baseline for each in found} == {baseline}
    rows = {each.cell.backend: each for each in found}
    assert (rows["heap"].identical_to, rows["c"].identical_to) == ("c", "heap")
    assert rows[kruskal].images[-1].adjusted_rand < 1
    merged = {name: [len(each.seconds) for each in row.images] for name, row in rows.items()}
    assert merged == {"heap": [1, 3], "c": [3, 3], kruskal: [3] if is_exact else [1, 3]}
    table = study_tables(found, ())["speed_mild"].set_index("backend")
    assert set(table["speedup_over"]) == {baseline} and table["noise_floor"].notna().all()
    assert table.loc[baseline, "speedup"] == 1 and table.loc["heap", "verdict"]


def test_a_reference_and_a_baseline_are_listed_once_with_one_thread(field_study):
    study = replace(field_study, baseline="c", threads=(1, 2))
    assert [each.label for each in field_methods(study)] == ["heap", "c", "c, 2 threads"]
    study = replace(study, threads=(2,), third_party=("np.sort",))
    assert [each.label for each in field_methods(study)] == [
        *("heap", "c", "c, 2 threads", "np.sort")
    ]


def test_rows_are_compared_with_the_named_baseline(run, short_study):
    study = replace(short_study, variants=ROWS, backends=("c", "heap"), map_reference="heap")
    found = run(replace(study, baseline="c")).records
    assert names_merged_twice(found) == {"c"}
    table = study_tables(found, ())["exactness"].set_index(["method", "row"])
    assert set(table["speedup_over"]) == {"c on maps"} and table["noise_floor"].notna().all()
    assert table["speedup"]["c", "exact"] == 1 and not table["verdict"]["c", "exact"]
    assert set(table["verdict"].drop(("c", "exact"))) == {"too few images"}
    without = run(study).records
    assert not names_merged_twice(without), "a study with rows and without a baseline compares AP"
    assert "exactness" not in study_tables(without, ())


def test_an_approximate_method_may_be_the_baseline_of_images(run, short_study, kruskal):
    study = replace(short_study, backends=("c", kruskal), baseline=kruskal)
    found = run(study).records
    assert {each.state for each in found} == {"done"} and names_merged_twice(found) == {kruskal}
    table = study_tables(label_records(found), ())["speed_accuracy"].set_index("backend")
    assert table.loc[kruskal, "speedup"] == 1
    assert table.loc["c", "speedup_over"] == f"{kruskal} on maps"
