"""Logits that are computed tile by tile equal those of the whole image if the margins are wide enough."""

from dataclasses import replace

import pytest
import torch

from models.deeplabv3 import DeepLabV3
from models.model_config import ModelError, NetworkConfig, read_config, write_config
from models.model_folder import load_network, save_model
from models.tiled_inference import Tiling, receptive_field_radius, run_in_tiles

SIZE = (225, 261)


def picture(size=SIZE):
    """Noise that gets brighter to the right, so that the mean of a tile differs from that of the image."""
    noise = torch.randn(1, 3, *size, generator=torch.Generator().manual_seed(0))
    return noise + torch.linspace(-3, 3, size[1])


def small_config(tiny, **changes):
    """The configuration of a network whose receptive field is smaller than small tiles."""
    narrow = {"multi_grid": (1, 1), "aspp_rates": (1, 1, 1), "image_pooling": False}
    return tiny(**narrow | changes)


@pytest.mark.parametrize("stride", [4, 8, 16, 32])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_the_receptive_field_is_where_a_pixel_has_an_effect(tiny, stride, block):
    """Weights and images have no negative values, so every pixel in the receptive field raises the logit."""
    config = tiny(block=block, output_stride=stride, image_pooling=False)
    network, reach = (
        DeepLabV3(config).eval().requires_grad_(False).double(),
        receptive_field_radius(config),
    )
    for weight in network.parameters():
        if weight.ndim == 4:
            weight.fill_(0.1)
    centre = -(-(reach + 1) // stride)
    size = 2 * stride * centre + 1
    for row, felt in [(-reach - 1, False), (-reach, True), (reach, True), (reach + 1, False)]:
        answers = []
        for value in (0, 1e6):
            image = torch.zeros(1, 3, size, stride, dtype=torch.float64)
            image[:, :, stride * centre + row] = value
            answers.append(network(image)[0, 0, centre, 0])
        assert (answers[0] != answers[1]) == felt


def test_resnet101_at_stride_8_has_the_receptive_field_worked_out_by_hand():
    """The parts are 3 + 2 (stem), 12, 28, 360 and 208 (layers), ASPP at rate 36, and the head."""
    config = NetworkConfig(
        3, "bottleneck", depths=(3, 4, 23, 3), multi_grid=(1, 2, 4), output_stride=8
    )
    assert receptive_field_radius(config) == 3 + 2 + 12 + 28 + 360 + 208 + 8 * 36 + 8 == 909


@pytest.fixture
def large_weights(build):
    """A network whose logits differ from pixel to pixel, because its weights are large."""

    def make(config):
        network = build(config)
        for weight in network.parameters():
            if weight.ndim == 4:
                torch.nn.init.kaiming_normal_(weight)
        return network

    return make


def beyond_a_tile(margin, more):
    """Tiles with this margin, and an image that is ``more`` pixels larger than two by two tiles."""
    tiling = Tiling(2 * margin + 64, margin)
    return tiling, picture((tiling.side + more, tiling.side + 40))


@pytest.mark.parametrize("stride", [4, 8, 16])
@pytest.mark.parametrize("more", [1, 8])
def test_tiles_with_wide_margins_give_the_logits_of_the_whole_image(
    tiny, large_weights, stride, more
):
    config = small_config(tiny, output_stride=stride)
    network, (tiling, image) = (
        large_weights(config),
        beyond_a_tile(receptive_field_radius(config), more),
    )
    whole = network(image)
    torch.testing.assert_close(run_in_tiles(network, image, tiling), whole, rtol=0, atol=1e-4)
    assert whole.std(dim=(-2, -1)).min() > 0.01


@pytest.mark.parametrize(("wide", "pooling"), [(False, False), (True, True)])
def test_without_margins_or_with_image_pooling_logits_differ(tiny, large_weights, wide, pooling):
    config = small_config(tiny, output_stride=8, image_pooling=pooling)
    network = large_weights(config)
    tiling, image = beyond_a_tile(receptive_field_radius(config) if wide else 0, more=8)
    difference = (run_in_tiles(network, image, tiling) - network(image)).abs().max()
    assert difference > 1e-2


def test_an_image_no_larger_than_a_tile_is_one_tile(tiny, build):
    network = build(tiny(output_stride=8))
    assert torch.equal(run_in_tiles(network, picture(), Tiling(261, 64)), network(picture()))


def test_no_tile_is_larger_than_asked_for(tiny, build):
    network, seen = build(tiny(output_stride=8)), []
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape[-2:]))
    run_in_tiles(network, picture(), Tiling(100, 20))
    assert len(seen) > 4 and max(max(size) for size in seen) <= 100


@pytest.mark.parametrize("stride", [4, 16])
@pytest.mark.parametrize("length", [1, 5, 96, 97, 100, 128, 300, 1001])
def test_the_kept_parts_of_tiles_cover_a_side_once(length, stride):
    tiles = list(Tiling(100, 20).tiles_along_axis(length, stride))
    kept = [pixel for tile in tiles for pixel in range(length)[tile.kept]]
    assert kept == list(range(length))
    for tile in tiles:
        assert tile.input.start % stride == tile.kept.start % stride == 0
        assert tile.kept.start == 0 or tile.kept.start - tile.input.start >= 20
        assert tile.kept.stop == length or tile.input.stop - tile.kept.stop >= 20


def test_margins_that_leave_no_pixel_are_an_error_of_one_line():
    message = "at output stride 8, two margins of 30 pixels cover a whole tile of 64 pixels"
    with pytest.raises(ValueError, match=message):
        list(Tiling(64, 30).tiles_along_axis(200, 8))


def test_a_network_without_image_pooling_has_one_branch_less(tiny):
    names = {
        pooling: DeepLabV3(tiny(image_pooling=pooling)).state_dict() for pooling in (True, False)
    }
    assert {name for name in names[True].keys() - names[False].keys()} == {
        f"classifier.0.convs.4.{part}"
        for part in (
            "1.weight",
            *(f"2.{p}" for p in ("weight", "bias", "running_mean", "running_var")),
            "2.num_batches_tracked",
        )
    }
    assert names[False]["classifier.0.project.0.weight"].shape == (6, 24, 1, 1)


def test_a_model_without_image_pooling_is_saved_and_loaded_as_one(
    tiny, model_config, build, tmp_path
):
    config = replace(model_config, semantic=tiny(channels=3, image_pooling=False))
    network = build(config.semantic)
    weights = {"semantic": network.state_dict(), "affinity": build(config.affinity).state_dict()}
    save_model(tmp_path, config, weights)
    assert read_config(tmp_path / "model.toml") == config
    load_network(config.semantic, tmp_path / "semantic.safetensors")
    write_config(model_config, tmp_path / "model.toml")
    with pytest.raises(ModelError, match="classifier.0.convs.4.1.weight has shape None"):
        load_network(model_config.semantic, tmp_path / "semantic.safetensors")


def test_checkpoints_omit_image_pooling_if_it_has_the_default():
    words = (
        "NetworkConfig(channels=3, block='basic', stem_width=64, widths=(64, 128, 256, 512), "
        "depths=(2, 2, 2, 2), output_stride=16, multi_grid=(1, 1), aspp_width=256, "
        "aspp_rates=(6, 12, 18))"
    )
    assert repr(NetworkConfig(3)) == words
    assert repr(NetworkConfig(3, image_pooling=False)) == f"{words[:-1]}, image_pooling=False)"
