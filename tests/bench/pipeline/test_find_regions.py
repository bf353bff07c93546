"""Regions of interest (sections 4.1 and 4.5): compared with a plain search, and their invariants."""

from itertools import combinations, product

import numpy as np
import pytest

from bench.pipeline.config import PAPER
from bench.pipeline.foreground import resolve_overlaps
from bench.pipeline.regions import find_regions
from bench.pipeline.view import Box

SIZE = (37, 50)
BLOCK, EXTENSION = 4, 3


def blobs(seed, size=SIZE, kinds=3):
    """A random map with a few rectangles of each super-class."""
    random, found = np.random.default_rng(seed), np.zeros(size, np.int64)
    for kind in random.integers(1, kinds + 1, 9):
        top, left = random.integers(0, size)
        height, width = random.integers(1, 9, 2)
        found[top : top + height, left : left + width] = kind
    return found


def literal_regions(foreground):
    """Regions by a plain flood fill over blocks: for each region its set of blocks and its box."""
    height, width = foreground.shape
    blocks = {
        (y // BLOCK, x // BLOCK)
        for y, x in product(range(height), range(width))
        if foreground[y, x]
    }
    found = []
    while blocks:
        region, front = set(), [min(blocks)]
        while front:
            block = front.pop()
            if block not in blocks:
                continue
            blocks.remove(block)
            region.add(block)
            front += [(block[0] + dy, block[1] + dx) for dy, dx in product((-1, 0, 1), repeat=2)]
        rows, columns = zip(*region, strict=True)
        box = Box(
            max(0, min(rows) * BLOCK - EXTENSION),
            max(0, min(columns) * BLOCK - EXTENSION),
            min(height, (max(rows) + 1) * BLOCK + EXTENSION),
            min(width, (max(columns) + 1) * BLOCK + EXTENSION),
        )
        found.append((box, region))
    return found


@pytest.mark.parametrize("seed", range(6))
def test_regions_are_connected_blocks_of_foreground(seed):
    super_class = blobs(seed)
    found = find_regions(super_class, BLOCK, EXTENSION)
    expected = literal_regions(super_class > 0)
    assert [region.box for region in found] == [box for box, _ in expected]
    for region, (box, blocks) in zip(found, expected, strict=True):
        own = {
            ((box.top + y) // BLOCK, (box.left + x) // BLOCK)
            for y, x in np.argwhere(region.pixels).tolist()
        }
        assert own == blocks and region.pixels.shape == box.size


@pytest.mark.parametrize("partition", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_regions_of_a_super_class_cover_it_without_overlap(seed, partition):
    super_class = blobs(seed)
    found = find_regions(super_class, BLOCK, EXTENSION, partition)
    for kind in {region.super_class for region in found}:
        times = np.zeros(SIZE, int)
        for region in found:
            if region.super_class == kind:
                times[region.box.slices] += region.pixels
        assert times.max() == 1
        assert times[super_class == kind if kind else super_class > 0].min() == 1
    assert {region.super_class for region in found} == (
        set(np.unique(super_class)) - {0} if partition else {0}
    )


def test_regions_that_touch_only_when_extended_have_overlapping_boxes():
    super_class = np.zeros((8, 24), int)
    super_class[1, 1] = super_class[1, 13] = 1
    first, second = find_regions(super_class, block=4, extension=6)
    assert first.box == Box(0, 0, 8, 10) and second.box == Box(0, 6, 8, 22)
    assert not first.pixels[:, 4:].any() and first.pixels[:4, :4].all()


def test_blocks_that_touch_at_corners_are_one_region():
    super_class = np.zeros((8, 8), int)
    super_class[0, 0] = super_class[7, 7] = 1
    (region,) = find_regions(super_class, block=4, extension=0)
    assert region.pixels.tolist() == np.kron(np.eye(2), np.ones((4, 4))).astype(bool).tolist()


def test_without_foreground_there_is_no_region():
    nothing = np.zeros((5, 6), int)
    assert find_regions(nothing, 4, 1) == find_regions(nothing, 4, 1, partition=True) == []


def test_block_and_extension_have_the_papers_effect():
    super_class = np.zeros((128, 256), int)
    super_class[70, 100] = 1
    (region,) = find_regions(super_class, PAPER.block, PAPER.extension)
    assert region.box == Box(
        48, 80, 112, 144
    )  # the block of rows 64..95 and columns 96..127, extended by 16 pixels on each side


@pytest.mark.parametrize("seed", range(4))
def test_a_pixel_in_two_regions_goes_to_the_more_probable_one(seed):
    random = np.random.default_rng(seed)
    boxes = [Box(0, 0, 6, 7), Box(2, 3, 9, 9), Box(1, 1, 8, 8)]
    claims = [
        (box, random.random(box.size) < 0.7, random.integers(1, 4, box.size) / 4) for box in boxes
    ]
    kept = resolve_overlaps((9, 9), claims)
    for y, x in product(range(9), repeat=2):
        surest = []
        for box, claimed, sure in claims:
            inside = box.top <= y < box.bottom and box.left <= x < box.right
            local = y - box.top, x - box.left
            surest.append(sure[local] if inside and claimed[local] else 0)
        holders = [
            number
            for number, (box, own) in enumerate(zip(boxes, kept, strict=True))
            if box.top <= y < box.bottom
            and box.left <= x < box.right
            and own[y - box.top, x - box.left]
        ]
        assert holders == ([int(np.argmax(surest))] if max(surest) else [])


def test_a_region_gains_no_pixel_by_the_resolution_of_overlaps():
    box, claimed = Box(0, 0, 4, 4), np.eye(4, dtype=bool)
    for (_, asked, _), own in zip(
        [(box, claimed, np.ones((4, 4)))] * 2,
        resolve_overlaps((4, 4), [(box, claimed, np.ones((4, 4)))] * 2),
        strict=True,
    ):
        assert not (own & ~asked).any()
    first, second = resolve_overlaps((4, 4), [(box, claimed, np.ones((4, 4)))] * 2)
    assert (
        first.tolist() == claimed.tolist() and not second.any()
    )  # of equal probabilities the first region counts
    assert all(not (a & b).any() for a, b in combinations([first, second], 2))
