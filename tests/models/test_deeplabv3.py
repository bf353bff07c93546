from itertools import permutations

import pytest
import torch

from models.deeplabv3 import DeepLabV3, upsample_logits, upsample_selected_pixels
from models.model_config import NetworkConfig

STRIDES = (4, 8, 16, 32)


def images(height, width, seed=0):
    return torch.rand(2, 3, height, width, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("size", [(32, 64), (33, 47), (31, 50)])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_logits_have_the_size_of_the_image_over_the_stride_rounded_up(
    tiny, build, stride, size, block
):
    network = build(tiny(block=block, output_stride=stride))
    height, width = (-(-side // stride) for side in size)
    assert network(images(*size)).shape == (2, 5, height, width)


@pytest.mark.parametrize(("first", "second"), list(permutations(STRIDES, 2)))
def test_set_output_stride_equals_a_network_built_at_that_stride(tiny, build, first, second):
    network = build(tiny(output_stride=first))
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    fresh = DeepLabV3(tiny(output_stride=second)).eval()
    fresh.load_state_dict(before)
    network.set_output_stride(second)
    assert network.config == fresh.config
    assert all(torch.equal(before[name], w) for name, w in network.state_dict().items())
    assert torch.equal(network(images(37, 50)), fresh(images(37, 50)))


@pytest.mark.parametrize(("first", "second"), list(permutations(STRIDES, 2)))
def test_changing_the_stride_and_back_changes_nothing(tiny, build, first, second):
    network = build(tiny(output_stride=first))
    before = network(images(37, 50))
    network.set_output_stride(second)
    assert network(images(37, 50)).shape != before.shape
    network.set_output_stride(first)
    assert torch.equal(network(images(37, 50)), before)


def test_a_new_stride_trains_the_same_parameters(tiny):
    network = DeepLabV3(tiny(output_stride=16))
    before = list(network.parameters())
    network.set_output_stride(4)
    assert all(one is other for one, other in zip(before, network.parameters(), strict=True))


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_weights_fit_every_stride_where_layers_are_equally_wide(tiny, build, block):
    network = build(tiny(block=block, widths=(4, 4, 4, 4), output_stride=32))
    for stride in STRIDES:
        network.set_output_stride(stride)
        assert network(images(32, 32)).shape[-1] == 32 // stride


@pytest.mark.parametrize("block", ["basic", "bottleneck"])
@pytest.mark.parametrize("stride", [4, 8, 16])
def test_dilation_keeps_the_receptive_field_of_striding(tiny, build, stride, block):
    """Every second feature at the smaller stride equals a feature at the larger stride."""
    fine, coarse = (
        build(tiny(block=block, output_stride=s)).backbone for s in (stride, 2 * stride)
    )
    torch.testing.assert_close(fine(images(64, 96))[..., ::2, ::2], coarse(images(64, 96)))


@pytest.mark.parametrize(("stride", "rates"), [(4, [4, 8, 12]), (8, [2, 4, 6]), (16, [1, 2, 3])])
def test_atrous_rates_span_the_same_pixels_at_every_stride(tiny, build, stride, rates):
    convs = build(tiny(output_stride=stride)).classifier[0].convs
    assert [branch[0].dilation for branch in convs[1:4]] == [(rate, rate) for rate in rates]


def test_image_pooling_gives_the_same_feature_at_every_position(tiny, build):
    aspp = build(tiny()).classifier[0]
    features = torch.rand(1, 10, 5, 7)
    pooled = aspp.convs[-1](features)
    assert len(aspp.convs) == 5 and pooled.shape == (1, 6, 5, 7)
    assert (pooled == pooled[..., :1, :1]).all() and pooled.any()
    shuffled = features.flatten(2)[..., torch.randperm(35)].view_as(features)
    torch.testing.assert_close(aspp.convs[-1](shuffled), pooled)


@pytest.mark.parametrize("size", [(32, 48), (31, 45)])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_thinned_upsampling_is_a_slice_of_upsampling(size, step):
    logits = torch.randn(2, 5, 8, 12)
    full = upsample_logits(logits, size, 4)
    assert full.shape == (2, 5, *size)
    for row in range(step):
        window = (slice(row, None, step), slice(step - 1 - row, None, step))
        thinned = upsample_selected_pixels(logits, size, 4, *window)
        torch.testing.assert_close(thinned, full[(..., *window)], rtol=1e-4, atol=1e-5)


def test_upsampled_positions_do_not_depend_on_the_size_of_the_image():
    logits = torch.randn(1, 2, 5, 6)
    whole = upsample_logits(logits, (40, 48), 8)
    torch.testing.assert_close(upsample_logits(logits, (33, 42), 8), whole[..., :33, :42])


def meta_network(**entries):
    with torch.device("meta"):
        return DeepLabV3(NetworkConfig(**entries))


def test_the_bottleneck_encoder_has_the_weights_of_resnet50():
    """The expected number is that of the published ResNet-50 without its classifier."""
    network = meta_network(
        channels=19, block="bottleneck", depths=(3, 4, 6, 3), multi_grid=(1, 1, 1)
    )
    assert sum(weight.numel() for weight in network.backbone.parameters()) == 23_508_032


def test_the_basic_encoder_has_the_weights_of_resnet18():
    network = meta_network(channels=19)
    assert sum(weight.numel() for weight in network.backbone.parameters()) == 11_176_512


def test_weights_have_the_names_torchvision_gives_them():
    names = meta_network(
        channels=21, block="bottleneck", depths=(3, 4, 6, 3), multi_grid=(1, 1, 1)
    ).state_dict()
    expected = {
        "backbone.conv1.weight": (64, 3, 7, 7),
        "backbone.bn1.running_mean": (64,),
        "backbone.layer1.0.conv1.weight": (64, 64, 1, 1),
        "backbone.layer1.0.downsample.0.weight": (256, 64, 1, 1),
        "backbone.layer3.5.bn3.bias": (1024,),
        "backbone.layer4.2.conv3.weight": (2048, 512, 1, 1),
        "classifier.0.convs.0.0.weight": (256, 2048, 1, 1),
        "classifier.0.convs.1.0.weight": (256, 2048, 3, 3),
        "classifier.0.convs.4.1.weight": (256, 2048, 1, 1),
        "classifier.0.project.0.weight": (256, 1280, 1, 1),
        "classifier.1.weight": (256, 256, 3, 3),
        "classifier.4.weight": (21, 256, 1, 1),
        "classifier.4.bias": (21,),
    }
    assert {name: tuple(names[name].shape) for name in expected} == expected
    # A convolution with batch normalisation has six weights. The encoder has 53 of them, the head has 7.
    assert len(names) == 6 * 60 + 2
