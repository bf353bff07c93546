"""With affinities and classes from the annotation, the pipeline returns the annotated instances."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.evaluation.official import evaluate
from bench.methods.oracles import TRUTH
from bench.pipeline.oracle import ORACLE_PARTS, AnnotationPredictor
from bench.pipeline.prediction import predict
from bench.pipeline.segment import Pipeline
from bench.pipeline.view import Box, View
from bench.types import VOID_CLASS, Sample
from merge_impls import merge
from models.model_config import MergeConfig

PAPER_STAGES = ((1, 2, 4), (8, 16), (32, 64))


@pytest.fixture(scope="module")
def paper_pipeline(random_model, tmp_path_factory):
    """A pipeline with the distances and thresholds of section 3.4, for use with an oracle."""
    numbers = MergeConfig((0.97, 0.7, 0.3), min_object_pixels=50)
    folder = random_model(
        tmp_path_factory.mktemp("paper"),
        stages=PAPER_STAGES,
        merge={"average": numbers, "weighted": numbers},
    )
    return Pipeline(folder, AffinityCache(folder / "cache"))


@pytest.fixture(scope="module")
def val(tmp_path_factory):
    root = tmp_path_factory.mktemp("val")
    generate(root, {"val": 4})
    return open_dataset("scenes", root)


def parts_of_objects(instances, offsets):
    """(H, W) int: the parts of objects that are connected by pairs at ``offsets``; 0 elsewhere."""
    height, width = instances.shape
    pixels = np.arange(instances.size).reshape(instances.shape)
    edges = []
    for dy, dx in offsets:
        y, x = np.nonzero(instances)
        inside = (y + dy < height) & (0 <= x + dx) & (x + dx < width)
        y, x = y[inside], x[inside]
        same = instances[y, x] == instances[y + dy, x + dx]
        y, x = y[same], x[same]
        edges.append(np.stack([pixels[y, x], pixels[y + dy, x + dx]]))
    here, there = np.concatenate(edges, axis=1)
    graph = coo_array((np.ones(len(here)), (here, there)), shape=(instances.size,) * 2)
    parts = connected_components(graph, directed=False)[1].reshape(instances.shape)
    return np.where(instances > 0, parts + 1, 0)


def masks_of(labels):
    return {np.packbits(labels == label).tobytes() for label in np.unique(labels[labels > 0])}


@pytest.mark.parametrize("linkage", ["average", "weighted"])
def test_oracle_maps_give_back_every_object_with_linked_parts(val, paper_pipeline, linkage):
    whole = scattered = 0
    for name in val.names("val")[:2]:
        sample = val.load("val", name)
        line = paper_pipeline.replace(linkage=linkage)
        (region,) = line.graphs(line.oracle_predictor(sample, ORACLE_PARTS))
        result = merge(region.graph.problem)
        parts = parts_of_objects(sample.instances, paper_pipeline.config.graph_offsets)
        assert masks_of(result.labels) == masks_of(parts)
        reached = masks_of(sample.instances) & masks_of(parts)
        whole += len(reached)
        scattered += len(masks_of(sample.instances)) - len(reached)
    assert whole > 10 * scattered


def test_objects_from_oracle_maps_have_the_annotated_class(val, paper_pipeline):
    sample = val.load("val", val.names("val")[0])
    found = TRUTH.find_instances(paper_pipeline, sample)
    assert len(found) > 5
    for instance in found:
        (number,) = np.unique(sample.semantic[instance.mask])
        assert instance.class_name == paper_pipeline.model.classes[number - 1]
        assert instance.mask.sum() > 50


def test_perfect_networks_score_at_least_0_95(val, paper_pipeline):
    names = val.names("val")
    found = {name: TRUTH.find_instances(paper_pipeline, val.load("val", name)) for name in names}
    scores = evaluate(found, {name: val.truth_path("val", name) for name in names})
    assert scores.ap >= 0.95


def test_oracle_affinities_are_1_in_objects_and_void_is_background():
    semantic = np.array([[1, 1, 1, 0, VOID_CLASS]], np.uint8)
    instances = np.array([[1, 1, 2, 0, 0]], np.int32)
    sample = Sample("row", np.zeros((1, 5, 3), np.uint8), semantic, instances)
    annotated = AnnotationPredictor(sample, [(0, 1), (0, 2), (1, 0)], num_classes=2)
    prediction = predict(annotated, View(Box(0, 0, 1, 5), (1, 5)))
    assert prediction.affinity.tolist() == [[[1, 0, 0, 0, 0]], [[0] * 5], [[0] * 5]]
    assert prediction.semantic.argmax(axis=0).tolist() == [[1, 1, 1, 0, 0]]
    assert (prediction.semantic.sum(axis=0) == 1).all()
