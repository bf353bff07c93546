"""Predictions for a mirror image are converted back: each affinity to the right channel and pixel."""

import numpy as np
import torch

from models.affinity_channels import channel_offsets
from models.flip_averaging import (
    averaged_affinities,
    averaged_class_probabilities,
    mirrored_channels,
    unmirrored_affinities,
)
from models.inference import Probabilities, infer, probabilities
from models.model_folder import Model
from models.training.pair_targets import SAME, pair_kinds

DISTANCES = (1, 2, 4)


def perfect_predictions(semantic: np.ndarray, instances: np.ndarray) -> Probabilities:
    """The predictions of perfect networks, which are equal to the annotation."""
    kinds = pair_kinds(torch.from_numpy(instances.copy())[None], channel_offsets(DISTANCES))[0]
    classes = np.stack([semantic == number for number in range(3)])
    return Probabilities(classes.astype(np.float32), (kinds == SAME).numpy().astype(np.float32))


def asymmetric_annotation() -> tuple[np.ndarray, np.ndarray]:
    """An annotation with objects that are not symmetric and that reach the borders."""
    random = np.random.default_rng(0)
    instances = np.kron(random.integers(0, 5, (4, 6)), np.ones((5, 7), int)).astype(np.int32)
    return (instances % 3).astype(np.uint8), instances


def test_mirroring_back_gives_the_prediction_for_the_image():
    semantic, instances = asymmetric_annotation()
    answer = perfect_predictions(semantic, instances)
    mirror = perfect_predictions(semantic[:, ::-1], instances[:, ::-1])
    back = unmirrored_affinities(mirror.affinity, DISTANCES)
    np.testing.assert_array_equal(back, answer.affinity)
    both = averaged_affinities(answer.affinity, mirror.affinity, DISTANCES)
    np.testing.assert_array_equal(both, answer.affinity)
    classes = averaged_class_probabilities(answer.semantic, mirror.semantic)
    np.testing.assert_array_equal(classes, answer.semantic)


def test_mirroring_back_needs_the_permutation_of_channels():
    semantic, instances = asymmetric_annotation()
    mirror = perfect_predictions(semantic[:, ::-1], instances[:, ::-1])
    assert not np.array_equal(
        mirror.affinity[:, :, ::-1], perfect_predictions(semantic, instances).affinity
    )


def test_the_permutation_of_channels_is_its_own_inverse():
    channels = mirrored_channels(DISTANCES)
    assert [channels[channel] for channel in channels] == list(range(8 * len(DISTANCES)))
    offsets = channel_offsets(DISTANCES)
    for (dy, dx), other in zip(offsets, channels, strict=True):
        assert offsets[other] == (dy, -dx)


def test_averaging_works_for_images_of_any_width(model_config, build):
    model = Model(model_config, build(model_config.semantic, 1), build(model_config.affinity, 2))
    image = np.random.default_rng(0).integers(0, 256, (37, 51, 3), dtype=np.uint8)
    answer = probabilities(infer(model, image), (37, 51), (8, 4))
    mirror = probabilities(infer(model, image[:, ::-1]), (37, 51), (8, 4))
    distances = model_config.distances
    both = averaged_affinities(answer.affinity, mirror.affinity, distances)
    again = averaged_affinities(mirror.affinity, answer.affinity, distances)
    np.testing.assert_allclose(unmirrored_affinities(again, distances), both, atol=1e-6)
    classes = averaged_class_probabilities(answer.semantic, mirror.semantic)
    again = averaged_class_probabilities(mirror.semantic, answer.semantic)
    np.testing.assert_allclose(again[:, :, ::-1], classes, atol=1e-6)
