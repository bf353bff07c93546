"""The accuracy of both networks (IoU of classes, recall of affinities) for known predictions."""

import numpy as np
import pytest
import torch

import models.training.network_metrics
from models.affinity_channels import channel_offsets
from models.inference import Probabilities
from models.model_folder import Model
from models.training.crop_batches import AnnotatedImage
from models.training.loss_functions import VOID_CLASS
from models.training.network_metrics import measure_networks
from models.training.pair_targets import OTHER, OUTSIDE, SAME, VOID_INSTANCE, pair_kinds


@pytest.fixture
def model(model_config, build):
    return Model(model_config, build(model_config.semantic, 1), build(model_config.affinity, 2))


def picture(size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def street(size=(24, 40)):
    """An annotated image with two touching persons, a car, background and a strip of void."""
    semantic, instances = np.zeros(size, np.uint8), np.zeros(size, np.int32)
    for number, (label, window) in enumerate(
        [(1, np.s_[4:20, 4:12]), (1, np.s_[4:20, 12:18]), (2, np.s_[10:20, 22:38])], start=1
    ):
        semantic[window], instances[window] = label, number
    semantic[:2], instances[:2] = VOID_CLASS, VOID_INSTANCE
    return AnnotatedImage(picture(size), semantic, instances)


def make_constant(network, *biases):
    """Make the logits of the network equal to ``biases`` at every pixel of every image."""
    last = network.classifier[-1]
    last.weight.zero_()
    last.bias.copy_(torch.tensor(biases).expand_as(last.bias))
    return network


@pytest.mark.parametrize(("bias", "positives"), [(5.0, 1.0), (-5.0, 0.0)])
def test_a_constant_affinity_network_recalls_all_of_one_label_alone(model, bias, positives):
    make_constant(model.affinity, bias)
    recalls = measure_networks(model, [street()])["affinity"]
    assert list(recalls) == ["1", "2", "4"]
    negatives = 1 - positives
    for recall in recalls.values():
        assert recall == {
            "same": positives,
            "other": negatives,
            "outside": negatives,
            "negatives": negatives,
        }


def test_a_constant_semantic_network_has_the_share_of_its_class_as_iou(model):
    make_constant(model.semantic, 0.0, 9.0, 0.0)
    item = street()
    share = (item.semantic == 1).sum() / (item.semantic != VOID_CLASS).sum()
    found = measure_networks(model, [item, item])["semantic"]
    assert found == {"background": 0, "person": pytest.approx(share, abs=1e-4), "car": 0}


def replace_predictions(monkeypatch, answer):
    """Make ``measure_networks`` use the predictions ``answer`` instead of those of the networks."""
    monkeypatch.setattr(models.training.network_metrics, "infer", lambda model, image: image)
    monkeypatch.setattr(
        models.training.network_metrics, "probabilities", lambda image, size, strides: answer
    )


def perfect_predictions(item):
    kinds = pair_kinds(torch.from_numpy(item.instances)[None], channel_offsets((1, 2, 4)))[0]
    semantic = np.eye(256, 3, dtype=np.float32)[item.semantic].transpose(2, 0, 1)
    return Probabilities(semantic, (kinds == SAME).numpy().astype(np.float32))


def test_the_annotation_as_prediction_has_full_iou_and_recall(model, monkeypatch):
    item = street()
    replace_predictions(monkeypatch, perfect_predictions(item))
    found = measure_networks(model, [item])
    assert set(found["semantic"].values()) == {1.0}
    assert {value for row in found["affinity"].values() for value in row.values()} == {1.0}


def test_a_mistake_is_counted_at_its_distance_and_kind(model, monkeypatch):
    """The predictions put all pairs of half of the eight channels at distance 2 in one instance."""
    item = street()
    answer = perfect_predictions(item)
    answer.affinity[8:12] = 1
    replace_predictions(monkeypatch, answer)
    found = measure_networks(model, [item])["affinity"]
    assert set(found["1"].values()) == set(found["4"].values()) == {1.0}
    # Each pair is counted in both directions, and in one of them the prediction is wrong.
    assert found["2"] == {"same": 1.0, "other": 0.5, "outside": 0.5, "negatives": 0.5}


def test_negatives_are_pairs_of_two_instances_and_pairs_with_background(model, monkeypatch):
    """The predictions put all pairs of two instances in one instance."""
    item = street()
    kinds = pair_kinds(torch.from_numpy(item.instances)[None], channel_offsets((4,)))
    other, outside = (int((kinds == kind).sum()) for kind in (OTHER, OUTSIDE))
    assert other and outside
    answer = perfect_predictions(item)
    answer.affinity[16:][(kinds[0] == OTHER).numpy()] = 1
    replace_predictions(monkeypatch, answer)
    assert measure_networks(model, [item])["affinity"]["4"] == {
        "same": 1.0,
        "other": 0.0,
        "outside": 1.0,
        "negatives": pytest.approx(outside / (other + outside), abs=1e-4),
    }


def test_void_pixels_do_not_count_in_intersection_over_union(model, monkeypatch):
    item = street()
    answer = perfect_predictions(item)
    answer.semantic[:, 4:20, 4:12] = np.float32([0, 0, 1])[:, None, None]
    answer.semantic[:, :2] = np.float32([0, 1, 0])[:, None, None]
    replace_predictions(monkeypatch, answer)
    persons, wrong, cars = 16 * 14, 16 * 8, 10 * 16
    assert measure_networks(model, [item])["semantic"] == {
        "background": 1.0,
        "person": pytest.approx((persons - wrong) / persons, abs=1e-4),
        "car": pytest.approx(cars / (cars + wrong), abs=1e-4),
    }
