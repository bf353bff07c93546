"""The options of inference (device, output stride, batches, tiles), and errors for impossible ones."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.devices import device_description, device_named
from models.inference import infer, infer_batch
from models.model_config import ModelError
from models.model_folder import Model
from models.tiled_inference import Tiling

SIZE = (37, 51)


@pytest.fixture
def model(model_config, build):
    """A model whose networks have the output strides 8 (semantic) and 4 (affinity)."""
    return Model(model_config, build(model_config.semantic, 1), build(model_config.affinity, 2))


def picture(seed=0, size=SIZE):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)


def test_a_stride_for_one_inference_does_not_change_the_model(model, build):
    before = infer(model, picture())
    found = infer(model, picture(), output_stride=16)
    coarse = {name: getattr(model.config, name).at_stride(16) for name in ("semantic", "affinity")}
    networks = {name: build(config, seed) for seed, (name, config) in enumerate(coarse.items(), 1)}
    expected = infer(Model(replace(model.config, **coarse), **networks), picture())
    assert found.semantic.shape == (3, 3, 4) and found.affinity.shape == (24, 3, 4)
    for name in coarse:
        assert np.array_equal(getattr(found, name), getattr(expected, name))
        assert np.array_equal(getattr(infer(model, picture()), name), getattr(before, name))


@pytest.mark.parametrize("stride", [0, 5])
def test_an_unknown_stride_is_an_error_of_one_line(model, stride):
    with pytest.raises(ModelError, match=f"output_stride is {stride}; it must be 4, 8, 16 or 32"):
        infer(model, picture(), output_stride=stride)


@pytest.mark.parametrize("stretch", [False, True])
def test_a_batch_has_the_logits_of_its_images_one_by_one(model, stretch, monkeypatch):
    """The float32 logits agree up to 1e-5, before they are rounded to float16."""
    model = replace(model, config=replace(model.config, stretch=stretch))
    pictures = [picture(seed) // (1 + seed) for seed in range(3)]
    answers = []
    for network in (model.semantic, model.affinity):
        network.register_forward_hook(lambda _, inputs, output: answers.append(output.clone()))
    together = infer_batch(model, pictures)
    batches, answers[:] = list(answers), []
    one_by_one = [infer(model, one) for one in pictures]
    for network, batch in enumerate(batches):
        torch.testing.assert_close(batch, torch.cat(answers[network::2]), rtol=0, atol=1e-5)
    for one, other in zip(together, one_by_one, strict=True):
        np.testing.assert_allclose(one.semantic, other.semantic, rtol=2e-3, atol=2e-5)
        np.testing.assert_allclose(one.affinity, other.affinity, rtol=2e-3, atol=2e-5)
    assert not np.array_equal(together[0].affinity, together[1].affinity)


def test_a_batch_of_several_sizes_is_an_error_of_one_line(model):
    with pytest.raises(ValueError, match=r"one size, but these have \[\(32, 51\), \(37, 51\)\]"):
        infer_batch(model, [picture(), picture(size=(32, 51))])


def test_both_networks_run_in_tiles(model):
    seen = []
    for network in (model.semantic, model.affinity):
        network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[-2:]))
    found = infer(model, picture(), tiling=Tiling(24, 0))
    assert found.semantic.shape == (3, 5, 7) and found.affinity.shape == (24, 10, 13)
    tiles = [(24, 24), (24, 24), (24, 3), (13, 24), (13, 24), (13, 3)]
    assert seen == tiles + tiles


def test_a_device_that_is_not_found_is_an_error_of_one_line(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert [str(device_named(name)) for name in ("cpu", "cuda", "cuda:0")] == [
        "cpu",
        "cuda",
        "cuda:0",
    ]
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"a GPU at {device}")
    assert [device_description(name) for name in ("cpu", "cuda:0")] == ["cpu", "a GPU at cuda:0"]
    with pytest.raises(ValueError, match="device 'cuda:1' does not exist: .* finds 1 CUDA"):
        device_named("cuda:1")
    for name in ("gpu", "", "mps", "cuda:x"):
        with pytest.raises(ValueError, match=f"device is '{name}'; it must be 'cpu', 'cuda'"):
            device_named(name)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no CUDA device here")
def test_a_gpu_gives_the_logits_of_the_cpu(model):
    here = infer_batch(model, [picture(0), picture(1)])
    there = Model(model.config, model.semantic.to("cuda"), model.affinity.to("cuda"))
    assert there.device.type == "cuda"
    for one, other in zip(here, infer_batch(there, [picture(0), picture(1)]), strict=True):
        np.testing.assert_allclose(one.semantic, other.semantic, rtol=2e-3, atol=1e-3)
        np.testing.assert_allclose(one.affinity, other.affinity, rtol=2e-3, atol=1e-3)
