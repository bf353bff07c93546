"""Which configurations are refused, and what each strategy changes in the pipeline."""

from itertools import combinations

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.pipeline.config import BARE, PAPER, PLAIN, ConfigError, PipelineConfig
from bench.pipeline.instances import pixel_labels
from bench.pipeline.oracle import ORACLE_PARTS
from bench.pipeline.segment import Pipeline
from merge_impls import merge
from models.model_config import MergeConfig

ROIS = {"roi": True, "block": 8, "extension": 4}
ALL = PLAIN.replace(**ROIS, rr=True, flm=2, scp=True, shf=True, ihf=True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"flmm": 2}, "'flmm' is unknown; did you mean 'flm'"),
        ({"par": "on"}, "par is 'on', it must be one of off, classes, super-classes"),
        ({"flm": 0}, "flm is 0, it must be at least 1"),
        ({"scp": True, "roi": False}, "scp finds regions of super-classes, so it needs roi"),
        ({"stages": [[1]], "thresholds": [0.1, 0.2]}, "1 stages, but 2 thresholds"),
    ],
)
def test_invalid_strategies_are_a_one_line_error(changes, words):
    with pytest.raises(ConfigError, match=words):
        PAPER.replace(**changes)


def test_strategies_are_off_unless_turned_on():
    assert PipelineConfig() == BARE
    assert BARE.differences_from(PLAIN) == {"par": "off"}
    assert not any((PLAIN.roi, PLAIN.rr, PLAIN.scp, PLAIN.shf, PLAIN.ihf))
    assert (PLAIN.flm, PLAIN.scr, PLAIN.par) == (1, "off", "super-classes")


def test_one_preset_has_all_of_the_paper_with_its_numbers():
    numbers = PAPER.block, PAPER.extension, PAPER.alpha, PAPER.most_enlarged, PAPER.flm
    assert numbers == (32, 16, 5, 4, 2)
    assert all((PAPER.roi, PAPER.mask, PAPER.rr, PAPER.scp, PAPER.shf, PAPER.ihf))
    assert (PAPER.par, PAPER.scr) == ("super-classes", "between")


def test_values_of_the_model_require_for_model():
    with pytest.raises(ConfigError, match="the model is not known yet; call for_model"):
        _ = PLAIN.stage_thresholds


def test_another_linkage_has_the_models_numbers_for_it(random_model, tmp_path):
    numbers = {"average": MergeConfig((0.9, 0.8), 1), "weighted": MergeConfig((0.2, 0.1), 2)}
    average = Pipeline(random_model(tmp_path / "model", merge=numbers), None).config
    weighted = average.replace(linkage="weighted")
    assert (average.stage_thresholds, average.min_object_pixels) == ((0.9, 0.8), 1)
    assert (weighted.stage_thresholds, weighted.min_object_pixels) == ((0.2, 0.1), 2)
    assert weighted.entries() == PLAIN.replace(linkage="weighted").entries()


@pytest.fixture(scope="module")
def line(tiny_model, tmp_path_factory):
    return Pipeline(tiny_model, AffinityCache(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def several(random_model, tmp_path_factory):
    """A pipeline whose model predicts all three super-classes in the scenes of ``street``."""
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


def test_class_refinement_needs_both_classes_and_distance_64(line):
    with pytest.raises(
        ValueError, match="scr needs classes motorcycle and bicycle and distance 64"
    ):
        line.replace(scr="between")


def test_fewer_distances_and_one_stage_are_possible(line):
    one = line.replace(stages=[[1, 8]], thresholds=[0.5])
    assert one.config.graph_stages == [0] * 8
    assert one.config.graph_offsets == line.config.graph_offsets[:4] + line.config.graph_offsets[8:]
    near = line.replace(stages=[[1], []])
    assert (
        near.config.graph_offsets == line.config.graph_offsets[:4]
        and len(near.config.stage_thresholds) == 2
    )


def test_strategies_share_the_cache_and_the_model(line, sample):
    first = line.replace(**ROIS)
    assert first.networks is line.networks
    first.fill_cache(first.predictor(sample.image))
    before = len(list(first.networks.cache.entries()))
    other = first.replace(flm=2, par="off", linkage="weighted")
    other.fill_cache(other.predictor(sample.image))
    assert len(list(first.networks.cache.entries())) == before


def graphs_of(line, sample, **changes):
    changed = line.replace(**changes)
    return changed, changed.graphs(changed.predictor(sample.image))


def segmented(line, sample, backend="c"):
    return line.segment(line.predictor(sample.image), backend)


def placed_masks(regions, size):
    """The mask of the graph of each region, at the size of the image. No region may be enlarged."""
    for each in regions:
        mask = np.zeros(size, bool)
        mask[each.region.box.slices] = each.graph.mask
        yield mask


def test_each_roi_graph_holds_the_foreground_of_its_region(line, sample):
    _, regions = graphs_of(line, sample, **ROIS)
    assert len(regions) >= 1
    masks = list(placed_masks(regions, sample.semantic.shape))
    assert not any((a & b).any() for a, b in combinations(masks, 2))
    for each in regions:
        assert not (each.graph.mask & ~each.region.pixels).any()


@pytest.mark.parametrize("rr", [False, True])
def test_instances_of_super_classes_share_no_pixel(several, sample, rr):
    """With ``scp`` (section 4.5), instances of regions of different super-classes do not overlap."""
    changed = several.replace(**ROIS, scp=True, rr=rr, min_pixels=0)
    segmentation = segmented(changed, sample)
    found = segmentation.instances
    assert len({each.region.super_class for each in segmentation.regions}) == 3
    times = sum(instance.mask.astype(int) for instance in found)
    assert times.max() == 1


@pytest.mark.parametrize("roi_height", [None, 48])
def test_low_regions_are_enlarged_and_resized_back(line, sample, roi_height):
    """The height is that of the training crops, or ``roi_height``."""
    changed, regions = graphs_of(line, sample, **ROIS, rr=True, roi_height=roi_height)
    for each in regions:
        height, width = each.region.box.size
        factor = min(4, max(1, (roi_height or changed.model.crop) / height))
        assert each.prediction.semantic.shape[1:] == (round(height * factor), round(width * factor))
        assert each.prediction.original_size == (height, width)
    found = segmented(changed, sample).instances
    for instance in found:
        assert instance.mask.shape == sample.semantic.shape
        assert instance.mask.sum() > changed.config.min_object_pixels


def test_without_the_mask_every_pixel_is_a_vertex(line, sample):
    _, (region,) = graphs_of(line, sample, mask=False)
    assert region.graph.mask.all() and region.graph.vertices == region.graph.mask.size


def test_windows_are_merged_before_the_merge(line, sample):
    _, (region,) = graphs_of(line, sample, flm=2)
    graph = region.graph
    labels = pixel_labels(region.with_merge_result(merge(graph.problem)))
    assert graph.vertices < graph.mask.sum() / 2
    assert ((labels > 0) == graph.mask).all()
    blocks = labels[: labels.shape[0] // 2 * 2, : labels.shape[1] // 2 * 2]
    blocks = blocks.reshape(blocks.shape[0] // 2, 2, -1, 2).swapaxes(1, 2).reshape(-1, 4)
    assert all(len(set(block[block > 0])) <= 1 for block in blocks)


def test_everything_at_once_runs_and_backends_agree(line, sample):
    changed = line.with_config(ALL)
    by = {name: segmented(changed, sample, name) for name in ("c", "heap")}
    for one, other in zip(by["c"].regions, by["heap"].regions, strict=True):
        assert np.array_equal(one.merge.labels, other.merge.labels)
    assert len(by["c"].instances) == len(by["heap"].instances) > 0


def test_without_par_the_affinities_are_unchanged(line, sample):
    _, (region,) = graphs_of(line, sample, par="off")
    kept = np.rint(region.prediction.affinity.astype(np.float64) * 65535)
    assert np.array_equal(region.graph.problem.affinities, kept.astype(np.uint16))


def test_the_annotation_can_replace_each_network(line, sample, monkeypatch):
    """If both parts come from the annotation, the networks are not run."""
    blind = line.replace(**ROIS, scp=True, rr=True, min_pixels=0)
    monkeypatch.setattr(type(blind.networks), "logits", None)
    found = blind.segment(blind.oracle_predictor(sample, ORACLE_PARTS), "heap").instances
    assert found
    for instance in found:
        assert (sample.semantic[instance.mask] > 0).mean() > 0.5


def test_a_score_may_be_the_mean_affinity_inside(line, sample):
    by = {
        score: segmented(line.replace(score=score), sample) for score in ("confidence", "affinity")
    }
    first, second = (
        [instance.confidence for instance in by[score].instances]
        for score in ("confidence", "affinity")
    )
    assert len(first) == len(second) > 0 and first != second
    # PAR only lowers affinities, and a confidence is a mean of the refined affinities.
    assert all(raw >= refined - 1e-4 for refined, raw in zip(first, second, strict=True))


def test_an_object_may_have_several_labels_and_they_share_its_score(line, sample):
    one = segmented(line, sample).instances
    several = segmented(line.replace(labels="several"), sample).instances
    assert len(several) > len(one)
    for instance in one:
        same = [each for each in several if np.array_equal(each.mask, instance.mask)]
        assert instance.class_name in [each.class_name for each in same]
        assert sum(each.confidence for each in same) <= instance.confidence + 1e-9
        assert max(same, key=lambda each: each.confidence).class_name == instance.class_name


def test_a_linkage_that_the_model_lacks_needs_settings_of_its_own(line):
    with pytest.raises(
        ValueError, match=r"no \[merge.single\] .* or give thresholds and min_pixels"
    ):
        line.replace(linkage="single", thresholds=(0.9, 0.5))
    own = line.replace(
        linkage="single", thresholds=(0.9, 0.5, 0.3)[: len(line.model.stages)], min_pixels=3
    )
    assert own.config.min_object_pixels == 3
