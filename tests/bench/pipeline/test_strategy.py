"""The strategies: which configurations are refused, and what each strategy changes in the pipeline."""

from itertools import combinations

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.pipeline.graph import build_graph
from bench.pipeline.oracle import ORACLE_PARTS
from bench.pipeline.segment import Pipeline
from bench.pipeline.strategy import BARE, PLAIN, Strategy, StrategyError
from merge_impls import merge

ROIS = {"roi": True, "block": 8, "extension": 4}
ALL = PLAIN.replace(**ROIS, rr=True, flm=2, scp=True, shf=True, ihf=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flmm": 2}, "there is no 'flmm'; the closest is 'flm'"),
        ({"par": "on"}, "par is 'on', it must be one of off, classes, super-classes"),
        ({"flm": 0}, "flm is 0, it must be at least 1"),
        ({"scp": True, "roi": False}, "scp finds regions of super-classes, so it needs roi"),
        ({"stages": [[1]], "thresholds": [0.1, 0.2]}, "1 stages, but 2 thresholds"),
    ],
)
def test_invalid_strategies_are_a_one_line_error(changes, words):
    with pytest.raises(StrategyError, match=words):
        Strategy().replace(**changes)


def test_every_strategy_is_on_by_default_with_the_papers_values():
    full = Strategy()
    assert (full.block, full.extension, full.alpha, full.most_enlarged, full.flm) == (
        32,
        16,
        5,
        4,
        2,
    )
    assert full.roi and full.rr and full.scp and full.shf and full.ihf and full.scr == "between"
    assert BARE.differences(PLAIN) == {"par": "off"}


@pytest.fixture(scope="module")
def line(tiny_model, tmp_path_factory):
    return Pipeline(tiny_model, AffinityCache(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def several(random_model, tmp_path_factory):
    """A model that sees all three super-classes in the street."""
    folder = random_model(tmp_path_factory.mktemp("several"), seed=2)
    return Pipeline(folder, AffinityCache(folder / "cache"))


@pytest.fixture(scope="module")
def sample(street):
    return street.load("val", street.names("val")[0])


def test_thresholds_and_stages_have_to_fit_the_model(line):
    with pytest.raises(ValueError, match="1 stages, but 2 thresholds; give `thresholds`"):
        line.replace(stages=[[1, 2, 8]])
    with pytest.raises(ValueError, match="the model has no distance 4"):
        line.replace(stages=[[1, 4], [8]])


def test_class_refinement_needs_two_wheels_and_distance_64(line):
    with pytest.raises(
        ValueError, match="scr needs classes motorcycle and bicycle and distance 64"
    ):
        line.replace(scr="between")


def test_fewer_distances_and_one_stage_are_possible(line):
    one = line.replace(stages=[[1, 8]], thresholds=[0.5])
    assert one.resolved.settings.stages == [0] * 8
    assert (
        one.resolved.settings.offsets
        == line.resolved.settings.offsets[:4] + line.resolved.settings.offsets[8:]
    )
    near = line.replace(stages=[[1], []])
    assert (
        near.resolved.settings.offsets == line.resolved.settings.offsets[:4]
        and len(near.resolved.thresholds) == 2
    )


def test_strategies_share_the_cache_and_the_model(line, sample):
    first = line.replace(**ROIS)
    assert first.networks is line.networks
    first.fill(sample.image)
    before = len(list(first.networks.cache.entries()))
    first.replace(flm=2, par="off", linkage="weighted").fill(sample.image)
    assert len(list(first.networks.cache.entries())) == before


@pytest.mark.parametrize("flip", [False, True])
def test_class_probabilities_alone_equal_those_of_the_prediction(line, sample, flip):
    changed = line.replace(shf=flip)
    classes, prediction = changed.classes(sample.image), changed.predict(sample.image)
    np.testing.assert_allclose(
        classes, prediction.semantic, atol=1e-6
    )  # exp's last bit hangs on where arrays lie


def graphs_of(line, sample, **changes):
    changed = line.replace(**changes)
    region_predictions = changed.predict_regions(sample.image)
    return (
        changed,
        region_predictions,
        [changed.graph(region_prediction) for region_prediction in region_predictions],
    )


def placed_masks(region_predictions, size):
    """The mask of each piece, in the image, where nothing was enlarged."""
    for region_prediction in region_predictions:
        mask = np.zeros(size, bool)
        mask[region_prediction.region.box.slices] = region_prediction.mask
        yield mask


def test_each_roi_graph_holds_the_foreground_of_its_region(line, sample):
    changed, region_predictions, _ = graphs_of(line, sample, **ROIS)
    assert len(region_predictions) >= 1
    masks = list(placed_masks(region_predictions, sample.semantic.shape))
    assert not any((a & b).any() for a, b in combinations(masks, 2))
    for region_prediction in region_predictions:
        assert not (region_prediction.mask & ~region_prediction.region.pixels).any()


@pytest.mark.parametrize("rr", [False, True])
def test_instances_of_super_classes_share_no_pixel(several, sample, rr):
    """Section 4.5: areas of several super-classes are pasted into one image without a conflict."""
    changed = several.replace(**ROIS, scp=True, rr=rr, min_pixels=0)
    found = changed.segment(sample.image).instances
    assert len({region.super_class for region in changed.find_regions(sample.image)}) == 3
    times = sum(instance.mask.astype(int) for instance in found)
    assert times.max() == 1


def test_low_regions_are_enlarged_to_the_models_crop_and_come_back(line, sample):
    changed, region_predictions, graphs = graphs_of(line, sample, **ROIS, rr=True)
    for region_prediction in region_predictions:
        height, width = region_prediction.region.box.size
        factor = min(4, max(1, changed.config.crop / height))
        assert region_prediction.prediction.semantic.shape[1:] == (
            round(height * factor),
            round(width * factor),
        )
        assert region_prediction.prediction.original_size == (height, width)
    results = [merge(graph.problem) for graph in graphs]
    for instance in changed.instances(sample.semantic.shape, region_predictions, graphs, results):
        assert instance.mask.shape == sample.semantic.shape
        assert instance.mask.sum() > changed.resolved.min_object_pixels


def test_without_the_mask_every_pixel_is_a_vertex(line, sample):
    _, (region_prediction,), (graph,) = graphs_of(line, sample, mask=False)
    assert region_prediction.mask.all() and graph.vertices == region_prediction.mask.size


def test_windows_are_merged_before_the_merge(line, sample):
    _, (region_prediction,), (graph,) = graphs_of(line, sample, flm=2)
    labels = graph.labels(merge(graph.problem))
    assert graph.vertices < region_prediction.mask.sum() / 2
    assert ((labels > 0) == region_prediction.mask).all()
    blocks = labels[: labels.shape[0] // 2 * 2, : labels.shape[1] // 2 * 2]
    blocks = blocks.reshape(blocks.shape[0] // 2, 2, -1, 2).swapaxes(1, 2).reshape(-1, 4)
    assert all(len(set(block[block > 0])) <= 1 for block in blocks)


def test_everything_at_once_runs_and_backends_agree(line, sample):
    changed = line.with_strategy(ALL)
    by = {name: changed.segment(sample.image, name) for name in ("c", "heap")}
    for one, other in zip(by["c"].results, by["heap"].results, strict=True):
        assert np.array_equal(one.labels, other.labels)
    assert len(by["c"].instances) == len(by["heap"].instances) > 0


def test_without_par_the_affinities_are_unchanged(line, sample):
    (region_prediction,) = line.predict_regions(sample.image)
    graph = build_graph(
        region_prediction.prediction,
        line.resolved.settings,
        BARE,
        line.resolved.thresholds,
        region_prediction.mask,
    )
    kept = np.rint(region_prediction.prediction.affinity.astype(np.float64) * 65535)
    assert np.array_equal(graph.problem.affinities, kept.astype(np.uint16))


def test_the_annotation_can_replace_each_network(line, sample, monkeypatch):
    """With both parts from the annotation, the networks do not run."""
    blind = line.replace(**ROIS, scp=True, rr=True, min_pixels=0)
    monkeypatch.setattr(type(blind.networks), "logits", None)
    found = blind.segment(sample.image, "heap", sample, ORACLE_PARTS).instances
    assert found
    for instance in found:
        assert (sample.semantic[instance.mask] > 0).mean() > 0.5


def test_a_score_may_be_the_mean_affinity_inside(line, sample):
    by = {
        score: line.replace(score=score).segment(sample.image)
        for score in ("confidence", "affinity")
    }
    first, second = (
        [instance.confidence for instance in by[score].instances]
        for score in ("confidence", "affinity")
    )
    assert len(first) == len(second) > 0 and first != second
    # PAR only lowers affinities, and the confidence is the mean of the refined ones.
    assert all(raw >= refined - 1e-4 for refined, raw in zip(first, second, strict=True))


def test_an_object_may_have_several_labels_and_they_share_its_score(line, sample):
    one = line.segment(sample.image).instances
    several = line.replace(labels="several").segment(sample.image).instances
    assert len(several) > len(one)
    for instance in one:
        same = [each for each in several if np.array_equal(each.mask, instance.mask)]
        assert instance.class_name in [each.class_name for each in same]
        assert sum(each.confidence for each in same) <= instance.confidence + 1e-9
        assert max(same, key=lambda each: each.confidence).class_name == instance.class_name
