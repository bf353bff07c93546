"""Starting weights from a file: weights that fit are loaded, others are reported."""

import argparse
import hashlib

import pytest
import torch
from safetensors.torch import save_file

from models.deeplabv3 import DeepLabV3
from models.model_config import ModelError
from models.paper_network_configs import deeplabv3_resnet_config
from models.training.starting_weights import (
    StartingWeights,
    abbreviate_weight_names,
    blend_weights,
    load_starting_weights,
    match_weights,
    read_starting_weights,
)


@pytest.fixture
def network(tiny, build):
    return build(tiny(block="bottleneck"))


@pytest.fixture
def other(tiny, build):
    """The same network with other weights."""
    return build(tiny(block="bottleneck"), seed=1)


def deeplab_weights(network, **heads):
    """A state dictionary with an auxiliary classifier, like those that torchvision saves."""
    auxiliary = {"aux_classifier.0.weight": torch.rand(2, 8, 3, 3)}
    return {**network.state_dict(), **auxiliary, **heads}


def imagenet_weights(network):
    """The weights of the encoder like those of a ResNet that torchvision saves.

    The names have no prefix "backbone.", and there is a classifier of whole images.
    """
    names = {n: w for n, w in network.state_dict().items() if n.startswith("backbone.")}
    bare = {name.removeprefix("backbone."): weight for name, weight in names.items()}
    return {**bare, "fc.weight": torch.rand(10, 40), "fc.bias": torch.rand(10)}


def save_weights(path, content):
    save_file(content, path) if path.suffix == ".safetensors" else torch.save(content, path)
    return path


def error_of_reading(path):
    with pytest.raises(ModelError) as error:
        read_starting_weights(path)
    message = str(error.value)
    assert str(path) in message and len(message.splitlines()) == 1
    return message


WAYS_TO_STORE = {
    "bare": lambda weights: weights,
    "state_dict": lambda weights: {"state_dict": weights, "epoch": 3},
    "model": lambda weights: {"model": weights, "optimizer": {"state": {}}},
    "parallel": lambda weights: {f"module.{name}": w for name, w in weights.items()},
    "both": lambda weights: {"model": {f"module.{name}": w for name, w in weights.items()}},
    "compiled": lambda weights: {f"_orig_mod.{name}": w for name, w in weights.items()},
    "held": lambda weights: {"state_dict": {f"model.{name}": w for name, w in weights.items()}},
    "compiled in parallel": lambda weights: {
        f"module._orig_mod.{name}": w for name, w in weights.items()
    },
    "ema": lambda weights: {"ema": weights, "epoch": 3},
    "ema of a module": lambda weights: {"ema": {"module": weights, "decay": 0.9}},
    "model_state": lambda weights: {"model_state": weights},
    "averaged": lambda weights: {
        "n_averaged": torch.tensor(7),
        **{f"module.{name}": w for name, w in weights.items()},
    },
}


@pytest.mark.parametrize("wrap", WAYS_TO_STORE.values(), ids=WAYS_TO_STORE)
def test_a_deeplab_of_the_same_size_is_loaded_whole(wrap, network, other, tmp_path):
    fit = load_starting_weights(
        other,
        read_starting_weights(save_weights(tmp_path / "x.pth", wrap(deeplab_weights(network)))),
    )
    weights = network.state_dict()
    assert all(torch.equal(weights[name], own) for name, own in other.state_dict().items())
    assert set(fit.loaded) == set(weights)
    assert fit.report_lines() == [
        f"{tmp_path / 'x.pth'}: {len(weights)} of the network's {len(weights)} weights are loaded",
        "  1 in the file, not in the network: aux_classifier.*",
    ]


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_an_imagenet_resnet_is_loaded_into_the_encoder(suffix, network, other, tmp_path):
    path = save_weights(tmp_path / f"resnet.{suffix}", imagenet_weights(network))
    before = {name: weight.clone() for name, weight in other.state_dict().items()}
    fit = load_starting_weights(other, read_starting_weights(path))
    weights = network.state_dict()
    for name, own in other.state_dict().items():
        assert torch.equal(own, (weights if name.startswith("backbone.") else before)[name])
    head = sum(name.startswith("classifier.") and "batches" not in name for name in weights)
    _, extra, missing = fit.report_lines()
    assert extra == "  2 in the file, not in the network: fc.*"
    assert missing == f"  {head} in the network, not in the file: classifier.*"


def test_a_head_of_other_classes_is_left_as_it_was(network, other, tmp_path):
    heads = {"classifier.4.weight": torch.rand(21, 6, 1, 1), "classifier.4.bias": torch.rand(21)}
    before = other.classifier[4].weight.clone()
    fit = load_starting_weights(
        other,
        read_starting_weights(save_weights(tmp_path / "x.pth", deeplab_weights(network, **heads))),
    )
    assert torch.equal(other.classifier[4].weight, before)
    assert torch.equal(other.classifier[1].weight, network.classifier[1].weight)
    assert fit.report_lines()[-1] == (
        "  2 of another shape: classifier.4.bias [21], in the network [5]; "
        "classifier.4.weight [21, 6, 1, 1], in the network [5, 6, 1, 1]"
    )


def test_missing_counters_of_batches_are_not_reported(network, other, tmp_path):
    old = {
        name: w for name, w in deeplab_weights(network).items() if "num_batches_tracked" not in name
    }
    fit = load_starting_weights(
        other, read_starting_weights(save_weights(tmp_path / "old.pth", old))
    )
    assert not fit.only_in_network and len(fit.loaded) == len(old) - 1


def test_half_precision_becomes_the_precision_of_the_network(network, other, tmp_path):
    half = {
        name: w.half() if w.is_floating_point() else w
        for name, w in deeplab_weights(network).items()
    }
    load_starting_weights(other, read_starting_weights(save_weights(tmp_path / "half.pth", half)))
    assert {weight.dtype for weight in other.parameters()} == {torch.float32}
    assert torch.equal(other.classifier[1].weight, network.classifier[1].weight.half().float())


def test_torchs_older_format_is_read(network, other, tmp_path):
    torch.save(imagenet_weights(network), tmp_path / "x.pth", _use_new_zipfile_serialization=False)
    load_starting_weights(other, read_starting_weights(tmp_path / "x.pth"))
    assert torch.equal(other.backbone.conv1.weight, network.backbone.conv1.weight)


def test_an_imagenet_resnet50_fits_the_papers_encoder(tmp_path):
    """ResNet-50 has 53 convolutions. Each has six weights, five of them in its batch normalisation."""
    config = deeplabv3_resnet_config(50, 56)
    with torch.device("meta"):
        weights = imagenet_weights(DeepLabV3(config))
    # Each of these weights takes only one number in memory, whatever its shape.
    spread = {name: torch.zeros(()).expand(weight.shape) for name, weight in weights.items()}
    fit = match_weights(
        config, read_starting_weights(save_weights(tmp_path / "resnet50.pth", spread))
    )
    assert len(fit.loaded) == 6 * 53 and not fit.other_shape
    assert abbreviate_weight_names(fit.only_in_network, fit.in_network) == ["classifier.*"]


def test_the_digest_is_that_of_the_file(network, tmp_path):
    path = save_weights(tmp_path / "x.pth", imagenet_weights(network))
    assert read_starting_weights(path).digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_only_complete_modules_are_abbreviated():
    everything = ["a.b.c", "a.b.d", "a.e", "f.g", "f.h", "fa.i"]
    assert abbreviate_weight_names(["a.b.c", "a.b.d"], everything) == ["a.b.*"]
    assert abbreviate_weight_names(["a.b.c", "a.e"], everything) == ["a.b.c", "a.e"]
    assert abbreviate_weight_names(["f.g", "f.h", "a.e"], everything) == ["a.e", "f.*"]


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize("kept", [0, 1, 100, 3000, -1])
def test_a_truncated_file_is_an_error_of_one_line(suffix, kept, network, tmp_path):
    path = save_weights(tmp_path / f"x.{suffix}", imagenet_weights(network))
    path.write_bytes(path.read_bytes()[:kept])
    assert "is damaged" in error_of_reading(path)


@pytest.mark.parametrize("content", [b"<html>404</html>", b"hello", b"\x80\x02}q\x00.", b"(lp0\n."])
def test_a_file_of_another_kind_is_an_error_of_one_line(content, tmp_path):
    (tmp_path / "x.pth").write_bytes(content)
    error_of_reading(tmp_path / "x.pth")


def test_a_missing_file_is_an_error_of_one_line(tmp_path):
    assert "is missing" in error_of_reading(tmp_path / "none.pth")


def test_a_folder_is_an_error_of_one_line(tmp_path):
    assert "cannot be read" in error_of_reading(tmp_path)


def test_objects_other_than_tensors_are_refused(network, tmp_path):
    content = {"model": imagenet_weights(network), "args": argparse.Namespace(epochs=3)}
    message = error_of_reading(save_weights(tmp_path / "x.pth", content))
    assert "more than tensors (it holds argparse.Namespace)" in message
    assert "save only the state dictionary" in message


@pytest.mark.parametrize(
    "content", [{}, {"epoch": 3}, torch.rand(3), [torch.rand(3)], {"model": {}}]
)
def test_a_file_without_weights_is_an_error_of_one_line(content, tmp_path):
    assert "does not hold weights with names" in error_of_reading(
        save_weights(tmp_path / "x.pth", content)
    )


@pytest.mark.parametrize(
    "weights", [{"encoder.weight": torch.rand(3)}, {"conv1.weight": torch.rand(64, 1, 7, 7)}]
)
def test_weights_of_another_network_are_an_error_of_one_line(weights, network, tmp_path):
    start = read_starting_weights(save_weights(tmp_path / "x.pth", weights))
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    with pytest.raises(ModelError, match="none of the 1 weights .* fits the .* encoder") as error:
        load_starting_weights(network, start)
    assert len(str(error.value).splitlines()) == 1
    assert all(torch.equal(before[name], weight) for name, weight in network.state_dict().items())


def test_a_file_with_few_weights_of_the_encoder_is_refused(network, tmp_path):
    name, weight = next(iter(imagenet_weights(network).items()))
    start = read_starting_weights(save_weights(tmp_path / "x.pth", {name: weight}))
    with pytest.raises(ModelError, match="only 1 of the 1 weights .* of the network's encoder"):
        match_weights(network.config, start)


def test_blended_weights_keep_a_share_of_the_starting_weights(tmp_path):
    begun = {"a.weight": torch.tensor([1.0, 3.0]), "n": torch.tensor(2)}
    trained = {"a.weight": torch.tensor([2.0, 7.0]), "n": torch.tensor(5)}
    mixed = blend_weights(trained, StartingWeights(tmp_path / "start", "", begun), keep=0.25)
    assert mixed["a.weight"].tolist() == [1.75, 6.0] and mixed["n"] == 5
    with pytest.raises(ModelError, match=r"has no weight b of shape \[1\]"):
        blend_weights(
            {"b": torch.zeros(1)}, StartingWeights(tmp_path / "start", "", begun), keep=0.25
        )
