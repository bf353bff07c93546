"""The options of ``python -m bench run`` change a study; what is not known names the closest."""

from dataclasses import replace

import pytest

from bench.methods.all_methods import methods_in_this_folder
from bench.pipeline.config import ConfigError
from bench.runner.study_changes import StudyChanges, name_of_report, read_changed_study
from bench.runner.study_file import StudyError
from bench.runner.study_methods import exact_backends, measured_variants
from merge_impls.backend import BackendUnavailable
from tests.bench.study_helpers import RIGHT


def changed(study="default", **changes):
    return read_changed_study(study, None, StudyChanges(**changes))


def test_without_changes_the_study_is_that_of_its_file():
    plain = changed()
    assert plain.backends == ("c", "numba", "heap") and not plain.variants
    assert name_of_report(StudyChanges(), None) == "report"


def test_an_untimed_study_has_a_report_of_its_own():
    assert changed("table2", rounds=0).merges_of_image == 1
    assert name_of_report(StudyChanges(rounds=0), None) == "report-rounds-0"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"settings": ("treshold=0.5",)}, "'treshold' is unknown; the closest is 'thresholds'"),
        ({"settings": ("round=2",)}, "the closest is 'rounds'"),
        ({"settings": ("flm",)}, "write KEY=VALUE"),
        ({"settings": ("rounds=1,2",)}, "--set rounds takes one value; only entries of the pipe"),
        ({"settings": ("rounds=-1",)}, "rounds: -1 is less than the minimum of 0"),
        ({"settings": ("dataset=nowhere",)}, "nowhere"),
        ({"settings": ("rows=1",)}, "'rows' is unknown"),
        (
            {"backends": ("nunba",)},
            "--backend nunba: no method of that name: the closest is 'numba'",
        ),
        ({"backends": ("nowhere_at_all:merge",)}, "No module named 'nowhere_at_all'"),
        ({"backends": ("new=nowhere_at_all:merge",)}, "No module named 'nowhere_at_all'"),
        ({"backends": ("c=mine:merge",)}, "another method is named c; take another label"),
        ({"backends": ("a b=mine:merge",)}, "write LABEL=module:object"),
        ({"backends": ("new=",)}, "no method of that name"),
        (
            {"only": ("nunba",)},
            "'nunba' matches nothing in study default: the closest is 'numba'; ",
        ),
        ({"skip": ("*",)}, "nothing of study default is selected"),
        ({"baseline": "nunba"}, "--baseline nunba: no method of that name: the closest is 'numba'"),
        ({"baseline": "components"}, "--baseline components: is scored but not timed"),
        ({"study": "speed", "rounds": 0}, "which --rounds 0 leaves out; give 1 or more"),
        ({"baseline": "c", "rounds": 0}, "--baseline c divides times, which --rounds 0 leaves out"),
        (
            {"settings": ("baseline=mine",)},
            "baseline 'mine' is none of the timed methods networkx, c, numba, heap; add it to the "
            "backends, or write --baseline mine, which measures it too",
        ),
    ],
)
def test_a_wrong_change_is_named_in_one_line(changes, message):
    with pytest.raises((ValueError, BackendUnavailable)) as refused:
        changed(**changes)
    assert message in str(refused.value) and "\n" not in str(refused.value)


def test_an_unknown_study_names_the_closest():
    with pytest.raises(StudyError, match="no study 'defualt': the closest is 'default'; there are"):
        changed("defualt")


def test_a_value_that_is_impossible_for_the_pipeline_is_refused():
    with pytest.raises(ConfigError, match="flm"):
        changed(settings=("flm=0",))


def test_one_value_changes_all_rows_and_adds_none():
    study = changed(settings=("flm=2", "rounds=3", "linkages=average"))
    assert (study.strategy.flm, study.rounds, study.linkages) == (2, 3, ("average",))
    assert not study.variants


def test_several_values_make_a_sweep_of_all_combinations():
    study = changed(settings=("flm=1,2", "thresholds=[0.9,0.5,0.3],[0.8,0.4,0.2]"))
    names = [variant.name for variant in study.variants]
    assert len(set(names)) == 4 and names[0] == "flm=1, thresholds=[0.9, 0.5, 0.3]"
    settings = {(variant.strategy.flm, variant.strategy.thresholds) for variant in study.variants}
    assert settings == {(n, t) for n in (1, 2) for t in ((0.9, 0.5, 0.3), (0.8, 0.4, 0.2))}


def test_a_sweep_over_rows_keeps_what_each_row_is_compared_with():
    study = changed("table2", settings=("alpha=4.0,6.0",))
    rows = {variant.name: variant for variant in study.variants}
    assert len(rows) == 12
    assert rows["PAR, RR, FLM 4, alpha=6.0"].against == "PAR, RR, alpha=6.0" in rows


@pytest.mark.parametrize(
    ("selection", "kept"),
    [
        ({"only": ("PAR, RR",)}, {("PAR, RR", 4.0), ("PAR, RR", 6.0)}),
        ({"only": ("PAR, RR, alpha=6.0",)}, {("PAR, RR", 6.0)}),
        ({"only": ("PAR, RR",), "skip": ("*=4.0",)}, {("PAR, RR", 6.0)}),
        ({"only": ("*=4.0",), "skip": ("PAR, RR*",)}, {("bare", 4.0), ("PAR", 4.0)}),
    ],
)
def test_a_row_that_a_sweep_has_renamed_is_selected_by_both_names(selection, kept):
    study = changed("table2", settings=("alpha=4.0,6.0",), **selection)
    assert {(each.declared_name, each.strategy.alpha) for each in study.variants} == kept


def test_a_backend_of_a_module_is_measured_beside_the_others(plug_in):
    plug_in(mine=RIGHT)
    for name in ("mine", "mine_backend:merge"):
        study = changed(backends=(name,), only=("c",))
        assert study.backends == ("c", "heap", name)
        assert changed("speed", backends=(name,)).backends == ("c", "numba", name)


def test_a_label_names_a_backend_for_the_other_options(plug_in):
    plug_in(mine=RIGHT)
    name = "new=mine_backend:merge"
    changes = {"backends": (name,), "baseline": "new", "only": ("c",)}
    assert changed(**changes).backends == ("c", "heap", name)
    assert StudyChanges(**changes).shown_methods == ("new", "new")
    with pytest.raises(StudyError, match="another method is named new"):
        changed(backends=(name, "new=mine_backend:merge_with"))


def test_a_method_of_another_kind_joins_its_kind():
    third_party = next(name for name, one in methods_in_this_folder().items() if one.target)
    assert changed("nuclei", backends=("components",)).scored_alone.count("components") == 1
    _, row, *_ = measured_variants(changed(backends=(third_party,)))
    assert (row.name, row.third_party, row.linkage) == ("", third_party, "average")
    study = changed("speed", backends=(third_party,))
    assert study.third_party.count(third_party) == 1


KRUSKAL = """
from merge_impls import Backend
merge = Backend("half", "exact with single alone", "1", "half_backend:run",
                linkages=("average", "single"), approximate=("average",))
"""


def test_a_method_has_rows_for_the_linkages_with_which_it_is_approximate(plug_in):
    plug_in(half=KRUSKAL)
    study = changed(backends=("half",), settings=("linkages=average,single",))
    assert study.backends[-1] == "half"
    assert exact_backends(study, "single") == ["c", "numba", "heap", "half"]
    assert exact_backends(study, "average") == ["c", "numba", "heap"]
    assert [(row.linkage, row.third_party) for row in measured_variants(study)] == [
        ("average", None),
        ("average", "half"),
        ("single", None),
    ]
    with pytest.raises(StudyError, match="add --set linkages=average"):
        changed(backends=("half",), settings=("linkages=weighted",))


def test_the_baseline_of_images_is_measured_whatever_is_selected(plug_in):
    plug_in(mine=RIGHT)
    study = changed(baseline="mine_backend:merge", only=("c,average",))
    assert study.backends == ("c", "heap", "mine_backend:merge")
    assert changed(baseline="numba", only=("c",)).backends == ("c", "numba", "heap")


@pytest.mark.parametrize("study", ["default", "speed", "exactness", "table2"])
def test_a_baseline_changes_neither_the_references_nor_the_methods(study):
    before = changed(study)
    of_option = changed(study, baseline="c")
    assert of_option == changed(study, settings=("baseline=c",))
    for each in filter(None, (of_option, of_option.field_study)):
        assert each.baseline == "c"
    beside = before.field_study and replace(before.field_study, baseline="c")
    assert of_option == replace(before, baseline="c", field_study=beside)


def test_an_approximate_method_of_a_row_may_be_the_baseline():
    study = changed("exactness", baseline="mwatershed")
    assert study.baseline == study.field_study.baseline == "mwatershed"
    assert study.backends == changed("exactness").backends


def test_a_selection_keeps_the_baseline_of_the_study():
    study = changed("exactness", settings=("baseline=numba",), only=("c,exact,mild",))
    assert study.backends == ("c", "numba", "heap")
    assert study.field_study.backends == ("c", "numba")


def test_a_selection_keeps_references_and_names_of_each_kind():
    study = changed("speed", only=("c,average,hu*",))
    assert (study.reference, study.backends, study.linkages) == ("heap", ("c",), ("average",))
    assert study.fields.groups == ("hubs",) and not study.third_party
    assert all(one.backend in ("c", "heap") for goal in study.goals for one in goal.methods)
    assert changed(only=("numba",)).backends == ("numba", "heap")
    rows = changed("table2", skip=("PAR, RR",)).variants
    assert "PAR, RR" not in [row.name for row in rows] and len(rows) == 5


def test_a_row_whose_earlier_row_is_left_out_is_compared_with_none():
    study = changed("table2", skip=("PAR, RR",))
    (row,) = [row for row in study.all_variants if row.name == "PAR, RR, FLM 4"]
    assert study.variant_to_compare_with(row) is None


def test_a_changed_study_has_a_report_of_its_own():
    changes = [
        (StudyChanges(), 3),
        (StudyChanges(backends=("my_merge:MINE",)), None),
        (StudyChanges(settings=("flm=1,2",)), None),
        (StudyChanges(only=("x" * 300,)), None),
        (StudyChanges(only=("x" * 301,)), None),
        (StudyChanges(timeout=1.0), None),
        (StudyChanges(memory=1.0), None),
    ]
    names = [name_of_report(*each) for each in changes]
    assert names[:3] == ["report-limit-3", "report-with-my_merge-MINE", "report-set-flm=1-2"]
    assert len({"report", *names}) == 8 and max(map(len, names)) < 100


def test_limits_replace_those_of_the_study():
    study = changed("speed", rounds=7, timeout=2.5, memory=1.5)
    assert (study.rounds, study.timeout, study.memory) == (7, 2.5, 1.5)


def test_the_word_model_stands_for_the_value_of_the_model():
    settings = ("semantic_stride=model", "affinity_stride=model")
    changed = read_changed_study("table2", None, StudyChanges(settings=settings))
    strategies = [variant.strategy for variant in changed.all_variants]
    assert {(each.semantic_stride, each.affinity_stride) for each in strategies} == {(None, None)}
    before = read_changed_study("table2", None, StudyChanges())
    assert before.all_variants[0].strategy.semantic_stride is not None
