"""ResNet-101 at output stride 8 on a large frame in tiles: memory, time, difference from the whole frame.

    pytest benchmarks -k large_frame --large-frames=tiles    # takes minutes; skipped without this option
    pytest benchmarks -k large_frame --large-frames=whole    # also on the whole frame, with more memory

Weights are random; the image is noise in large patches. A logit depends on the pixels within a distance of
909. The default margin of tiles is smaller, so their logits differ from those of the whole frame. With
``full-margin`` they differ only by rounding, except with image pooling, which averages over each tile.
"""

from dataclasses import replace
from time import perf_counter

import pytest

from merge_impls.isolation.memory import PeakMemory

FRAMES = {
    "default-margin": (1024, 2048, {}),
    "full-margin": (64, 2048, {"side": 1952, "margin": 912}),
}
"""Height, width, and the settings that differ from the default tiling."""


@pytest.mark.parametrize("image_pooling", [False, True], ids=["plain", "image-pooling"])
@pytest.mark.parametrize("frame", FRAMES)
def test_large_frame(benchmark, pytestconfig, frame, image_pooling):
    mode = pytestconfig.getoption("large_frames")
    if mode is None:
        pytest.skip("takes minutes: run it with --large-frames=tiles")
    from benchmarks.large_frame import MAX_GIB  # imports torch, as the next line does
    from models.tiled_inference import Tiling, run_in_tiles

    height, width, tiling = FRAMES[frame]
    network, image = network_of_affinities(image_pooling), noise_image(height, width)
    benchmark.group = f"ResNet-101 on {height}x{width}, {frame}"
    memory = PeakMemory()
    arguments = (network, image, Tiling(**tiling))
    in_tiles = benchmark.pedantic(run_in_tiles, arguments, rounds=1)
    taken = growth_in_gib(memory)
    benchmark.extra_info["tiles_gib"] = taken
    assert taken <= MAX_GIB, f"tiles took {taken:.2f} GiB, more than {MAX_GIB}; take smaller ones"
    if mode == "whole":
        benchmark.extra_info |= compare_with_whole(network, image, in_tiles)


def compare_with_whole(network, image, in_tiles):
    """Time and memory on the whole frame, and the difference of its logits from those of the tiles."""
    import torch

    memory, start = PeakMemory(), perf_counter()
    with torch.inference_mode():
        logits = network(image)
    seconds = perf_counter() - start
    difference = (in_tiles - logits).abs()
    return {
        "whole_seconds": seconds,
        "whole_gib": growth_in_gib(memory),
        "max_difference": float(difference.max()),
        "mean_difference": float(difference.mean()),
        "logits_std": float(logits.std()),
    }


def growth_in_gib(memory):
    """The growth of the peak memory in GiB; 0 where it is unknown."""
    return (memory.growth_in_bytes() or 0) / 2**30


def network_of_affinities(image_pooling):
    """The paper's affinity network on ResNet-101 with random weights."""
    from benchmarks.random_networks import random_network
    from models.paper_network_configs import deeplabv3_resnet_config

    config = deeplabv3_resnet_config(101, channels=56, output_stride=8)
    return random_network(replace(config, image_pooling=image_pooling))


def noise_image(height, width):
    """A normalised image (1, 3, height, width): random patches of 32 pixels, plus noise."""
    import torch

    generator = torch.Generator().manual_seed(0)
    coarse = torch.randn(1, 3, -(-height // 32), -(-width // 32), generator=generator)
    large = coarse.repeat_interleave(32, 2).repeat_interleave(32, 3)[..., :height, :width]
    noise = torch.randn(1, 3, height, width, generator=generator)
    return (large + noise / 2).contiguous(memory_format=torch.channels_last)
