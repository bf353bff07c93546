"""Networks of the paper's size have the weights of torchvision's networks: the same names and shapes."""

from dataclasses import replace

import pytest
import torch

from models.deeplabv3 import DeepLabV3
from models.model_config import ModelError
from models.paper_network_configs import deeplabv3_resnet_config

BLOCK_TYPES = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
# The number of weights that torchvision documents for 21 classes, with an auxiliary classifier.
TORCHVISION_PARAMETERS = {50: 42_004_074, 101: 60_996_202}
# The number of weights in the auxiliary classifier, which our networks do not have: a 3x3 convolution from
# 1024 to 256 channels, batch normalisation, and a 1x1 convolution to 21 channels.
AUXILIARY = 1024 * 256 * 9 + 2 * 256 + 256 * 21 + 21

sizes = pytest.mark.parametrize("layers", BLOCK_TYPES)


def network_on_meta(config):
    with torch.device("meta"):
        return DeepLabV3(config)


def config_like_torchvision(layers, channels=21):
    return deeplabv3_resnet_config(layers, channels, output_stride=8, multi_grid=(1, 1, 1))


def shapes(network):
    return {name: tuple(weight.shape) for name, weight in network.state_dict().items()}


def convolution_shapes(conv, norm, inputs, outputs, side):
    """The shapes of the weights of a convolution and of the batch normalisation after it, by name."""
    parts = ("weight", "bias", "running_mean", "running_var")
    return {
        f"{conv}.weight": (outputs, inputs, side, side),
        **{f"{norm}.{part}": (outputs,) for part in parts},
        f"{norm}.num_batches_tracked": (),
    }


def torchvision_shapes(layers, channels):
    """The names and shapes of weights in torchvision's source, without the auxiliary classifier."""
    found = convolution_shapes("backbone.conv1", "backbone.bn1", 3, 64, 7)
    inputs = 64
    for index, (width, count) in enumerate(
        zip((64, 128, 256, 512), BLOCK_TYPES[layers], strict=True)
    ):
        for block in range(count):
            name = f"backbone.layer{index + 1}.{block}"
            found |= convolution_shapes(f"{name}.conv1", f"{name}.bn1", inputs, width, 1)
            found |= convolution_shapes(f"{name}.conv2", f"{name}.bn2", width, width, 3)
            found |= convolution_shapes(f"{name}.conv3", f"{name}.bn3", width, 4 * width, 1)
            if block == 0:
                shortcut = f"{name}.downsample"
                found |= convolution_shapes(f"{shortcut}.0", f"{shortcut}.1", inputs, 4 * width, 1)
            inputs = 4 * width
    head = "classifier.0"
    for branch, side in enumerate((1, 3, 3, 3)):
        name = f"{head}.convs.{branch}"
        found |= convolution_shapes(f"{name}.0", f"{name}.1", 2048, 256, side)
    found |= convolution_shapes(f"{head}.convs.4.1", f"{head}.convs.4.2", 2048, 256, 1)
    found |= convolution_shapes(f"{head}.project.0", f"{head}.project.1", 5 * 256, 256, 1)
    found |= convolution_shapes("classifier.1", "classifier.2", 256, 256, 3)
    return found | {"classifier.4.weight": (channels, 256, 1, 1), "classifier.4.bias": (channels,)}


@sizes
@pytest.mark.parametrize("channels", [9, 19, 21, 56])
def test_names_and_shapes_are_torchvisions(layers, channels):
    assert shapes(network_on_meta(deeplabv3_resnet_config(layers, channels))) == torchvision_shapes(
        layers, channels
    )


@sizes
def test_parameters_are_as_many_as_torchvision_documents(layers):
    network = network_on_meta(config_like_torchvision(layers))
    count = sum(weight.numel() for weight in network.parameters())
    assert count + AUXILIARY == TORCHVISION_PARAMETERS[layers]


@sizes
@pytest.mark.parametrize("stride", [16, 8])
def test_stride_and_multi_grid_change_no_weight(layers, stride):
    assert shapes(network_on_meta(deeplabv3_resnet_config(layers, 9, stride))) == shapes(
        network_on_meta(config_like_torchvision(layers, 9))
    )


def strides_and_dilations(network):
    """The stride and the dilation of the 3x3 convolution in each block of the last two layers."""
    blocks = (*network.backbone.layer3, *network.backbone.layer4)
    return [(block.conv2.stride[0], block.conv2.dilation[0]) for block in blocks]


@sizes
@pytest.mark.parametrize(
    ("stride", "grid", "third", "fourth", "rates"),
    [
        (16, (1, 2, 4), [(2, 1), (1, 1)], [(1, 1), (1, 4), (1, 8)], (6, 12, 18)),
        (8, (1, 2, 4), [(1, 1), (1, 2)], [(1, 2), (1, 8), (1, 16)], (12, 24, 36)),
        (8, (1, 1, 1), [(1, 1), (1, 2)], [(1, 2), (1, 4), (1, 4)], (12, 24, 36)),
    ],
)
def test_dilations_grow_where_strides_are_replaced(layers, stride, grid, third, fourth, rates):
    """The last case is that of torchvision's networks.

    third, fourth: (stride, dilation) of each block of the third and of the fourth layer.
    """
    network = network_on_meta(deeplabv3_resnet_config(layers, 9, stride, grid))
    depth = BLOCK_TYPES[layers][2]
    assert strides_and_dilations(network) == [third[0]] + [third[1]] * (depth - 1) + fourth
    branches = network.classifier[0].convs[1:4]
    assert tuple(branch[0].dilation[0] for branch in branches) == rates


@sizes
def test_one_network_runs_at_both_strides(layers):
    network = network_on_meta(deeplabv3_resnet_config(layers, 56)).eval()
    network.set_output_stride(8)
    assert network.config == deeplabv3_resnet_config(layers, 56, output_stride=8)
    assert network(torch.empty(1, 3, 65, 129, device="meta")).shape == (1, 56, 9, 17)


def test_the_head_can_be_narrower_than_torchvisions():
    assert deeplabv3_resnet_config(50, 19, aspp_width=64) == replace(
        deeplabv3_resnet_config(50, 19), aspp_width=64
    )
    assert (
        network_on_meta(deeplabv3_resnet_config(50, 19, aspp_width=64)).classifier[4].in_channels
        == 64
    )


def test_an_unknown_resnet_is_refused():
    with pytest.raises(ModelError, match="layers is 34; it must be 50 or 101"):
        deeplabv3_resnet_config(34, 19)
