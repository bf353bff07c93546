"""Studies with rows: each row has a configuration, is compared with another row, and is measured once."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.cache import AffinityCache
from bench.evaluation import official
from bench.evaluation.in_memory import evaluate
from bench.methods.all_methods import find_method, methods_in_this_folder
from bench.methods.method import Method
from bench.pipeline.config import PLAIN
from bench.pipeline.segment import Pipeline
from bench.report.figures.ablation import ablation_figure, plot_ablation
from bench.report.tables.ablation import ablation_table
from bench.report.tables.formats import to_markdown
from bench.runner import records
from bench.runner.image_results import (
    ImageResult,
    ScopeResult,
    load_image_result,
    save_image_result,
)
from bench.runner.method_code import MethodCode
from bench.runner.study import Variant
from bench.runner.study_keys import StudyKeys
from bench.runner.worker_pool import WorkerPool
from bench.types import Instance, label_map, label_of_each_instance
from merge_impls.builtin import HEAP
from merge_impls.measurement_statistics import LEAST_IMAGES
from merge_impls.timing import TimedRun
from models.model_config import read_config, write_config
from tests.bench.study_helpers import quick_scores

ROIS = PLAIN.replace(roi=True, block=8, extension=4)
ROWS = (
    Variant("plain", PLAIN, paper=22.8),
    Variant("rois", ROIS, paper=28.7),
    Variant("windows", ROIS.replace(flm=2), against="plain"),
    Variant("truth", PLAIN, oracle=("affinity", "semantic"), against="plain"),
)


@pytest.fixture(scope="module")
def run(run_in, small_study):
    """A function that runs rows in a folder, with a fast evaluator instead of the official one."""

    def run_rows(folder, rows=ROWS, **changes):
        study = replace(small_study, variants=rows, scored_alone=(), **changes)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(official, "evaluate", quick_scores)
            return run_in(folder, study)

    return run_rows


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    return folder, run(folder)


def maps_of(found):
    return [record for record in found.records if record.cell.scope == "maps"]


def test_every_row_is_there_for_each_linkage_in_the_studys_order(finished):
    _, found = finished
    cells = [(record.cell.linkage, record.cell.row) for record in maps_of(found)]
    assert cells == [(linkage, row.name) for linkage in ("average", "weighted") for row in ROWS]
    assert all(record.state == "done" for record in found.records)
    assert all(image.identical for record in found.records for image in record.images)


def test_a_record_says_what_is_on_and_what_it_is_compared_with(finished):
    _, found = finished
    plain, rois, windows, truth = maps_of(found)[:4]
    assert plain.strategy == {} and plain.change is None and plain.paper_ap == 22.8
    assert rois.strategy == {"roi": True, "block": 8, "extension": 4}
    assert rois.change.against == "plain" and rois.change.rounds > 0
    assert windows.strategy["flm"] == 2 and windows.paper_ap is None
    assert truth.truth == ["affinity", "semantic"] and truth.change.against == "plain"
    assert maps_of(found)[4].strategy == {"linkage": "weighted"}


def test_windows_reduce_the_vertices_and_rois_do_not_add_any(finished):
    _, found = finished
    plain, rois, windows, _ = (record.images for record in maps_of(found)[:4])
    for whole, parts, merged in zip(plain, rois, windows, strict=True):
        assert whole.regions == 1 and parts.regions == merged.regions >= 1
        assert parts.vertices <= whole.vertices
        assert merged.vertices < parts.vertices


def test_only_a_changed_row_is_measured_in_a_second_run(finished, run, monkeypatch):
    folder, found = finished
    measured = []
    whole = WorkerPool.measure_backends
    monkeypatch.setattr(
        WorkerPool,
        "measure_backends",
        lambda self, name, *rest: measured.append(rest[0].config) or whole(self, name, *rest),
    )
    assert run(folder).records == found.records and not measured
    other = (*ROWS[:2], replace(ROWS[2], strategy=ROIS.replace(flm=4)), ROWS[3])
    run(folder, other)
    assert {strategy.flm for strategy in measured} == {4} and len(measured) == 4


def test_a_model_with_another_crop_has_another_key(street, tiny_model, small_study, tmp_path):
    """Regions are enlarged to the height of the crop; the view of the whole image does not change."""
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    row = Variant("rois", ROIS.replace(rr=True))

    def key():
        pipeline = Pipeline(folder, AffinityCache(tmp_path / "cache"))
        images = street.names("val")
        return StudyKeys(
            small_study, street, pipeline, images, (), MethodCode([])
        ).image_result_key(images[0], row)

    before, config = key(), read_config(folder / "model.toml")
    assert key() == before
    write_config(replace(config, crop=config.crop + 8), folder / "model.toml")
    assert key() != before


def test_a_row_is_recorded_anew_when_the_row_it_is_compared_with_changes(finished, run):
    folder, found = finished
    rows = (replace(ROWS[0], strategy=PLAIN.replace(par="off")), *ROWS[1:])
    again = maps_of(run(folder, rows))
    assert again[1].key != maps_of(found)[1].key
    assert again[2].key != maps_of(found)[2].key


def test_an_absent_third_party_method_is_left_out_with_its_reason(run, tmp_path, monkeypatch):
    name = "bioimage-cpp mutex watershed"
    needy = replace(find_method(name), reason="a_module_that_is_nowhere: pip install luck")
    monkeypatch.setitem(methods_in_this_folder(), name, needy)
    rows = (ROWS[0], Variant("others", PLAIN, third_party=name), ROWS[2])
    plain, others, windows = maps_of(run(tmp_path, rows, linkages=("average",)))
    assert others.state == "unavailable" and "pip install luck" in others.reason
    assert others.computes and plain.state == windows.state == "done"
    frame = ablation_table([plain, others, windows])
    assert frame["AP"].isna().tolist() == [False, True, False]


def test_no_backend_is_compared_with_a_third_party_method(run, tmp_path, monkeypatch):
    """In this test ``heap`` is declared as a third-party method, so that its results are known."""
    name = "bioimage-cpp mutex watershed"
    heap = replace(HEAP, name=name, description="another rule", approximate=("average",))
    own = Method.from_third_party(heap, "merge_impls.builtin:HEAP")
    monkeypatch.setitem(methods_in_this_folder(), name, own)
    rows = (ROWS[0], Variant("others", PLAIN, third_party=name, against=ROWS[0].name), ROWS[2])
    plain, others, windows = maps_of(run(tmp_path, rows, linkages=("average",)))
    assert others.state == "done" and others.scores["ap"] == plain.scores["ap"]
    assert others.identical_to == "" and plain.identical_to
    assert others.change.against == ROWS[0].name and others.change.difference == 0
    assert all(image.identical is None for image in others.images)
    assert ablation_table([plain, others, windows])["AP"].notna().all()


def test_the_table_has_the_papers_ap_and_no_time_of_wrong_results(finished, tmp_path):
    _, found = finished
    frame = ablation_table(found.records)
    assert frame["row"].tolist() == 2 * [row.name for row in ROWS]
    assert frame["paper"].tolist()[:2] == [0.228, 0.287] and frame["paper"].isna()[2]
    assert (frame["AP"] == 0.25).all() and (frame["ms"] > 0).all()
    assert "AP in the paper |" in to_markdown(frame)
    first, *others = found.records
    wrong = replace(first, images=[replace(image, identical=False) for image in first.images])
    assert ablation_table([wrong, *others])["ms"].isna().tolist() == [True] + 7 * [False]
    plot_ablation(frame, tmp_path / "rows.png")
    assert (tmp_path / "rows.png").stat().st_size > 10_000


def test_the_change_is_that_of_ap_from_the_row_named(finished, street):
    _, found = finished
    truth = {name: street.annotation("val", name) for name in street.names("val")}
    rows = list(found.image_results)

    def ap(row):
        instances = {result.image: result.instances for result in found.image_results[row]}
        return evaluate(instances, truth, street.class_names).ap_scores().ap

    change = maps_of(found)[3].change
    expected = ap(rows[3]) - ap(rows[0])
    assert change.difference == pytest.approx(expected) and expected > 0.3
    assert change.low <= change.difference <= change.high


def test_a_record_compared_with_a_wrong_variant_is_not_kept(run, tmp_path, monkeypatch):
    whole = WorkerPool.measure_backends

    def spoiled(self, name, pipeline, *more):
        result = whole(self, name, pipeline, *more)
        if not pipeline.config.roi:
            result.scopes["maps"].runs["c"].difference = "labels differ"
        return result

    monkeypatch.setattr(WorkerPool, "measure_backends", spoiled)
    plain, rois = maps_of(run(tmp_path, ROWS[:2], linkages=("average",)))
    assert (plain.state, rois.state) == ("disagreed", "done")
    assert records.read(tmp_path / "records.jsonl") == []


def parts(*seconds):
    return [
        ScopeResult(
            10, 20, 5, 2, {"c": TimedRun(0.5, list(own)), "heap": TimedRun(0.25, [1.0, 1.0])}
        )
        for own in seconds
    ]


def test_an_image_has_the_summed_times_of_its_regions():
    whole = ScopeResult.sum_over_regions(parts((1.0, 2.0), (0.5, 0.25)))
    assert (whole.vertices, whole.edges, whole.merges, whole.segments, whole.regions) == (
        20,
        40,
        10,
        4,
        2,
    )
    assert whole.runs["c"].seconds == [1.5, 2.25] and whole.runs["heap"].seconds == [2.0, 2.0]
    failing = parts((1.0,), (1.0,))
    failing[1].runs["c"].difference = "labels differ"
    failing[1].runs["heap"].failed = "died"
    together = ScopeResult.sum_over_regions(failing)
    assert together.runs["c"].difference == "labels differ"
    assert together.runs["heap"].failed == "died"


def test_an_object_with_two_labels_comes_back_with_both(tmp_path):
    mask = np.zeros((4, 6), bool)
    mask[1:3, 2:5] = True
    given = [Instance(mask, "car", 0.5), Instance(mask, "bus", 0.25), Instance(~mask, "car", 0.1)]
    assert label_of_each_instance(given) == [1, 1, 2] and label_of_each_instance([]) == []
    assert label_map(given, (4, 6)).tolist() == np.where(mask, 1, 2).tolist()
    result = ImageResult("image", {"maps": parts((1.0,))[0]}, given)
    save_image_result(tmp_path / "unit.safetensors", result, (4, 6))
    back = load_image_result(tmp_path / "unit.safetensors").instances
    assert [(one.class_name, one.confidence) for one in back] == [
        ("car", 0.5),
        ("bus", 0.25),
        ("car", 0.1),
    ]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(given, back, strict=True))


def test_records_with_rows_keep_the_schema(finished, tmp_path):
    _, found = finished
    records.write(tmp_path / "records.jsonl", found.records)
    assert records.read(tmp_path / "records.jsonl") == found.records


def named_bars(axes):
    """The length of each bar of our AP, by the label at its height, which only the first panel has."""
    names = [label.get_text() for label in axes.figure.axes[0].get_yticklabels()]
    (bars,) = axes.containers
    return {names[round(bar.get_y() + bar.get_height() / 2)]: bar.get_width() for bar in bars}


def test_the_plot_names_the_bars_it_draws_and_begins_at_the_top():
    """This holds for panels with different rows, and for one panel in which each row has another linkage."""
    rows = [("a", "average", 0.1), ("b", "average", 0.2), ("c", "weighted", 0.3)]
    frame = pd.DataFrame(rows, columns=["row", "linkage", "AP"])
    frame = frame.reindex(
        columns=[*frame, "paper", "change", "change_low", "change_high", "images"]
    )
    (axes,) = ablation_figure(frame).axes
    assert named_bars(axes) == {"a": 0.1, "b": 0.2, "c": 0.3}
    low, high = axes.get_ylim()
    assert low > high

    more = pd.concat([frame, pd.DataFrame([{**frame.iloc[1], "linkage": "weighted"}])])
    average, weighted = ablation_figure(more).axes
    assert named_bars(average) == {"a": 0.1, "b": 0.2}
    assert named_bars(weighted) == {"c": 0.3, "b": 0.2}
    assert average.get_ylim() == weighted.get_ylim() == (low, high)


@pytest.mark.parametrize("images", [LEAST_IMAGES - 1, LEAST_IMAGES])
def test_the_plot_shows_an_interval_only_for_enough_images(images):
    frame = pd.DataFrame({"row": ["a"], "linkage": ["average"], "AP": [0.3], "paper": [np.nan]})
    frame = frame.assign(change=0.1, change_low=0.05, change_high=0.15, images=images)
    (axes,) = ablation_figure(frame).axes
    (words,) = [text.get_text() for text in axes.texts]
    assert words.endswith("+0.100 [+0.050, +0.150]" if images == LEAST_IMAGES else "+0.100")
    reason = f"no interval below {LEAST_IMAGES} images"
    assert (reason in axes.get_xlabel()) == (images < LEAST_IMAGES)
