import numpy as np
import pytest
import torch

from models.affinity_channels import channel_offsets
from models.training.pair_targets import IGNORED, OTHER, OUTSIDE, SAME, VOID_INSTANCE, pair_kinds

DISTANCES = (1, 2, 4, 8, 16, 32, 64)
OFFSETS = channel_offsets(DISTANCES)


def random_instances(seed, count=2, size=(9, 13)):
    """Instance maps with patches of background, three instances and void."""
    random = np.random.default_rng(seed)
    values = random.choice([0, 0, 1, 2, 300, VOID_INSTANCE], size=(count, 5, 7))
    return torch.from_numpy(values.repeat(2, 1).repeat(2, 2)[:, : size[0], : size[1]].copy())


def kind_by_definition(instances, y, x, dy, dx):
    """The kind of one pair of pixels, computed directly from the definition in section 3.3."""
    height, width = instances.shape
    if not (0 <= y + dy < height and 0 <= x + dx < width):
        return IGNORED
    here, there = int(instances[y, x]), int(instances[y + dy, x + dx])
    if VOID_INSTANCE in (here, there):
        return IGNORED
    if here == there == 0:
        return IGNORED
    if here == 0 or there == 0:
        return OUTSIDE
    return SAME if here == there else OTHER


@pytest.mark.parametrize("seed", range(4))
def test_kinds_equal_those_of_a_loop_over_all_pairs(seed):
    instances = random_instances(seed)
    count, height, width = instances.shape
    expected = [
        [
            [
                [kind_by_definition(instances[n], y, x, *offset) for x in range(width)]
                for y in range(height)
            ]
            for offset in OFFSETS
        ]
        for n in range(count)
    ]
    assert pair_kinds(instances, OFFSETS).tolist() == expected


def test_the_random_test_maps_have_every_kind_of_pair():
    kinds = pair_kinds(random_instances(0), OFFSETS)
    assert set(kinds.unique().tolist()) == {IGNORED, SAME, OTHER, OUTSIDE}


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_thinned_targets_are_a_slice_of_all_targets(step):
    instances = random_instances(7)
    full = pair_kinds(instances, OFFSETS)
    for phase in np.ndindex(step, step):
        thinned = pair_kinds(instances, OFFSETS, step, phase)
        assert torch.equal(thinned, full[:, :, phase[0] :: step, phase[1] :: step])


def test_computing_targets_does_not_change_the_map():
    instances = random_instances(1)
    before = instances.clone()
    pair_kinds(instances, OFFSETS, 2, (1, 0))
    assert torch.equal(instances, before)


def test_channels_are_eight_neighbours_in_raster_order_for_each_distance():
    window = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
    assert len(OFFSETS) == 56
    assert OFFSETS == [(d * dy, d * dx) for d in DISTANCES for dy, dx in window]


def test_both_directions_of_a_pair_have_the_same_kind():
    instances = random_instances(3, size=(10, 14))
    kinds = pair_kinds(instances, OFFSETS)
    height, width = instances.shape[-2:]
    for forth, (dy, dx) in enumerate(OFFSETS):
        if (dy, dx) < (0, 0):
            continue
        back = OFFSETS.index((-dy, -dx))
        if dy >= height or abs(dx) >= width:
            assert not kinds[:, [forth, back]].any()
            continue
        start = kinds[:, forth, : height - dy, max(0, -dx) : width - max(0, dx)]
        end = kinds[:, back, dy:, max(0, dx) : width - max(0, -dx)]
        assert torch.equal(start, end)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch finds no CUDA device here")
@pytest.mark.parametrize("step", [1, 2, 3])
def test_kinds_are_made_on_the_device_of_the_instances(step):
    instances = random_instances(5, size=(10, 14))
    there = pair_kinds(instances.cuda(), OFFSETS, step, (step - 1, 0))
    assert there.device.type == "cuda"
    assert torch.equal(there.cpu(), pair_kinds(instances, OFFSETS, step, (step - 1, 0)))
