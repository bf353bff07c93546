"""Inference: logits at the output stride of each network, and their conversion to probabilities."""

import numpy as np
import pytest
import torch

from models.inference import infer, probabilities
from models.model_folder import Model

SIZES = [(32, 64), (37, 51)]


@pytest.fixture
def model(model_config, build):
    return Model(model_config, build(model_config.semantic, 1), build(model_config.affinity, 2))


def picture(size, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def make_constant(network, *biases):
    """Make the logits of the network equal to ``biases`` at every pixel of every image."""
    last = network.classifier[-1]
    last.weight.zero_()
    last.bias.copy_(torch.tensor(biases).expand_as(last.bias))
    return network


@pytest.mark.parametrize("size", SIZES)
def test_logits_are_float16_at_each_networks_stride(model, size):
    logits = infer(model, picture(size))
    for kept, channels, stride in [(logits.semantic, 3, 8), (logits.affinity, 24, 4)]:
        assert kept.dtype == np.float16
        assert kept.shape == (channels, -(-size[0] // stride), -(-size[1] // stride))


def test_inference_is_reproducible_bit_for_bit(model):
    one, other = infer(model, picture(SIZES[1])), infer(model, picture(SIZES[1]).copy())
    assert np.array_equal(one.semantic, other.semantic)
    assert np.array_equal(one.affinity, other.affinity)
    assert not np.array_equal(one.affinity, infer(model, picture(SIZES[1], seed=1)).affinity)


def test_inference_accepts_arrays_that_are_not_contiguous(model):
    wide = picture((32, 64))
    one, other = infer(model, wide[:, ::-1]), infer(model, wide[:, ::-1].copy())
    assert np.array_equal(one.semantic, other.semantic)


def test_inference_normalises_images_by_mean_and_deviation(model):
    config, image = model.config, picture(SIZES[0])
    seen = (image / 255 - np.array(config.mean)) / np.array(config.std)
    expected = model.semantic(torch.from_numpy(seen).permute(2, 0, 1)[None].float())[0]
    torch.testing.assert_close(
        torch.from_numpy(infer(model, image).semantic).float(), expected, rtol=2e-3, atol=2e-3
    )


@pytest.mark.parametrize("size", SIZES)
def test_probabilities_have_the_size_of_the_picture(model, size):
    full = probabilities(infer(model, picture(size)), size, (8, 4))
    assert full.semantic.shape == (3, *size) and full.affinity.shape == (24, *size)
    assert full.semantic.dtype == full.affinity.dtype == np.float32
    np.testing.assert_allclose(full.semantic.sum(axis=0), 1, rtol=1e-5)
    assert full.affinity.min() >= 0 and full.affinity.max() <= 1
    assert full.affinity.std() > 0


def test_logits_are_upsampled_before_they_become_probabilities(model):
    make_constant(model.semantic, 0.0, 1.0, 2.0)
    make_constant(model.affinity, 3.0)
    full = probabilities(infer(model, picture((9, 10))), (9, 10), (8, 4))
    expected = np.exp([0, 1, 2]) / np.exp([0, 1, 2]).sum()
    np.testing.assert_allclose(
        full.semantic, np.broadcast_to(expected[:, None, None], (3, 9, 10)), rtol=1e-5
    )
    np.testing.assert_allclose(full.affinity, 1 / (1 + np.exp(-3)), rtol=1e-5)
