"""A large frame through ResNet-101 at output stride 8, in tiles: memory, time, and how far from the whole.

    python -m benchmarks.tiles               # 1024x2048, in tiles, then whole, without and with image pooling
    python -m benchmarks.tiles --no-whole    # nothing is held against the whole, whose memory is larger
    python -m benchmarks.tiles --size 64 2048 --side 1952 --margin 912    # margins that reach far enough

By hand, for it takes minutes. Weights are random, and the picture is noise in large patches. The network sees
909 pixels to each side; with smaller margins the difference says what they cut off, not what rounding does.
"""

import argparse
import resource
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from models.deeplabv3 import DeepLabV3
from models.model_config import NetworkConfig
from models.paper_networks import deeplabv3_resnet
from models.tiled_inference import Tiling, receptive_field, run_in_tiles

LIMIT = 12
"""GiB that the tiles may take at most."""


def resnet101(pooling: bool) -> NetworkConfig:
    """The paper's affinity network on ResNet-101."""
    return replace(deeplabv3_resnet(101, channels=56, output_stride=8), image_pooling=pooling)


def random_network(config: NetworkConfig) -> DeepLabV3:
    """Weights that neither damp nor blow up a signal on its way; batch statistics are those of no data."""
    torch.manual_seed(0)
    network = DeepLabV3(config).eval().requires_grad_(False)
    for name, weight in network.named_parameters():
        if weight.ndim == 4:
            torch.nn.init.kaiming_normal_(weight)
        elif name.endswith(("bn3.weight", "bn2.weight")):
            weight.fill_(0.5)  # or the sum of 33 blocks would grow without bounds
    return network.to(memory_format=torch.channels_last)


def patches(height: int, width: int) -> Tensor:
    """A normalised picture (1, 3, height, width): patches of 32 pixels, and noise."""
    generator = torch.Generator().manual_seed(0)
    coarse = torch.randn(1, 3, -(-height // 32), -(-width // 32), generator=generator)
    large = coarse.repeat_interleave(32, 2).repeat_interleave(32, 3)[..., :height, :width]
    noise = torch.randn(1, 3, height, width, generator=generator)
    return (large + noise / 2).contiguous(memory_format=torch.channels_last)


def peak_gib() -> float:
    """What this process has taken at most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@torch.inference_mode()
def measured(what: str, answer: Callable[[], Tensor]) -> Tensor:
    start = time.perf_counter()
    logits = answer()
    seconds = time.perf_counter() - start
    print(f"{what}: {seconds:.0f} s, peak so far {peak_gib():.2f} GiB", flush=True)
    return logits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, nargs=2, default=(1024, 2048), help="height and width")
    parser.add_argument("--side", type=int, default=Tiling.side)
    parser.add_argument("--margin", type=int, default=Tiling.margin)
    parser.add_argument("--no-whole", action="store_true")
    options = parser.parse_args()
    image, tiling = patches(*options.size), Tiling(options.side, options.margin)
    print(f"{tiling}, {torch.get_num_threads()} threads, {options.size[0]}x{options.size[1]}")
    field = receptive_field(resnet101(False))
    print(f"a logit sees {field} pixels to each side; without weights {peak_gib():.2f} GiB")
    for pooling in (False, True):
        compare(pooling, image, tiling, not options.no_whole)


def compare(pooling: bool, image: Tensor, tiling: Tiling, whole: bool) -> None:
    """Tiles, and, if wanted, the whole; the tiles come first, for a process's peak never falls."""
    name, network = (
        f"image pooling {'on' if pooling else 'off'}",
        random_network(resnet101(pooling)),
    )
    in_tiles = measured(f"{name}, tiles", lambda: run_in_tiles(network, image, tiling))
    if not pooling and peak_gib() > LIMIT:
        raise SystemExit(f"tiles took {peak_gib():.2f} GiB, more than {LIMIT}; take smaller ones")
    if whole:
        at_once = measured(f"{name}, whole", lambda: network(image))
        difference = (in_tiles - at_once).abs()
        print(
            f"{name}: difference at most {difference.max():.2g}, mean {difference.mean():.2g}; "
            f"logits have a standard deviation of {at_once.std():.2g}"
        )


if __name__ == "__main__":
    main()
