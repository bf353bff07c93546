import numpy as np
import pytest
import torch

from models.training.crop_batches import AnnotatedImage, CropBatches, cut_and_transform_crop
from models.training.loss_functions import VOID_CLASS
from models.training.pair_targets import VOID_INSTANCE

LARGE_ID = 2**24 + 1  # the first integer that float32 cannot hold
CENTRE = np.array([0.5, 0.5])


def source(seed=0, height=40, width=60):
    """An image in which each pixel has a different colour, with labels in patches of 4 x 4 pixels."""
    random = np.random.default_rng(seed)
    patches = random.integers(0, 4, (-(-height // 4), -(-width // 4)))
    kinds = patches.repeat(4, 0).repeat(4, 1)[:height, :width]
    return AnnotatedImage(
        random.integers(0, 256, (height, width, 3), dtype=np.uint8),
        np.array([0, 3, 8, VOID_CLASS], np.uint8)[kinds],
        np.array([0, 300, LARGE_ID, VOID_INSTANCE], np.int32)[kinds],
    )


def image_of_labels(labels):
    """An image that is black where ``labels`` are 0, and white where they are 1."""
    image = np.repeat(labels[..., None] * 255, 3, axis=2).astype(np.uint8)
    return AnnotatedImage(image, labels.astype(np.uint8), labels.astype(np.int32))


SPOTS = image_of_labels(np.random.default_rng(0).integers(0, 2, (32, 32)))
STRIPES = image_of_labels(np.tile(np.random.default_rng(1).integers(0, 2, 24), (24, 1)))


def crop_batches(seed=5, sources=None):
    return CropBatches(sources or [source(0), source(1)], 24, 3, (0.5, 2.0), seed)


def parts(batch):
    return batch.images, batch.semantic, batch.instances


def are_equal(one, other):
    return all(torch.equal(a, b) for a, b in zip(parts(one), parts(other), strict=True))


def test_a_batch_depends_only_on_seed_and_step():
    used = crop_batches()
    batches = [used[step] for step in range(5)]
    assert all(are_equal(crop_batches()[step], batches[step]) for step in reversed(range(5)))


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_batches_are_the_same_for_any_number_of_workers(workers):
    """Batches may be prepared from any step on, which a resumed training needs."""
    ahead = list(crop_batches().iterate_batches(range(2, 7), workers))
    assert all(are_equal(batch, crop_batches()[step]) for step, batch in enumerate(ahead, start=2))
    assert len(ahead) == 5


def test_batches_differ_between_steps_and_between_seeds():
    assert not are_equal(crop_batches()[1], crop_batches()[2])
    assert not are_equal(crop_batches(seed=5)[1], crop_batches(seed=6)[1])


def test_a_batch_has_the_shapes_and_types_that_losses_expect():
    batch = crop_batches()[0]
    assert [part.shape for part in parts(batch)] == [(3, 3, 24, 24), (3, 24, 24), (3, 24, 24)]
    assert [part.dtype for part in parts(batch)] == [torch.float32, torch.uint8, torch.int32]
    assert 0 <= batch.images.min() and batch.images.max() <= 1


@pytest.mark.parametrize(
    ("corner", "top", "left"), [((0, 0), 0, 0), ((1, 1), 16, 36), ((0.5, 0.25), 8, 9)]
)
def test_a_crop_at_scale_1_is_a_window_of_the_image(corner, top, left):
    item = source()
    crop = cut_and_transform_crop(item, 24, 1.0, np.array(corner), mirror=False)
    window = np.s_[top : top + 24, left : left + 24]
    pixels = crop.images.mul(255).round().byte().permute(1, 2, 0)
    assert np.array_equal(pixels, item.image[window])
    assert np.array_equal(crop.semantic, item.semantic[window])
    assert np.array_equal(crop.instances, item.instances[window])


@pytest.mark.parametrize("scale", [0.6, 0.75, 1.3, 2.0, 3.1])
def test_scaling_invents_no_labels_and_keeps_large_instance_numbers(scale):
    item = source()
    crop = cut_and_transform_crop(item, 24, scale, CENTRE, mirror=False)
    found = set(
        zip(crop.semantic.flatten().tolist(), crop.instances.flatten().tolist(), strict=True)
    )
    expected = {(0, 0), (3, 300), (8, LARGE_ID), (VOID_CLASS, VOID_INSTANCE)}
    assert found <= expected
    assert (8, LARGE_ID) in found


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize(("item", "crop", "scale"), [(SPOTS, 32, 2.0), (STRIPES, 40, 5 / 3)])
def test_an_enlarged_picture_stays_aligned_with_its_labels(item, crop, scale, mirror):
    crop = cut_and_transform_crop(item, crop, scale, CENTRE, mirror)
    shown = (crop.images[0] > 0.5).int()
    assert torch.equal(shown, crop.semantic.int())
    assert torch.equal(shown, crop.instances)


@pytest.mark.parametrize("scale", [0.75, 1.0, 1.7])
def test_mirroring_flips_picture_and_labels_alike(scale):
    straight, mirrored = (
        cut_and_transform_crop(source(), 24, scale, np.array([0.2, 0.9]), mirror)
        for mirror in (False, True)
    )
    assert not are_equal(straight, mirrored)
    for one, other in zip(parts(straight), parts(mirrored), strict=True):
        assert torch.equal(one.flip(-1), other)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_outside_a_small_image_is_void(scale):
    item = AnnotatedImage(
        np.zeros((10, 14, 3), np.uint8), np.ones((10, 14), np.uint8), np.ones((10, 14), np.int32)
    )
    crop = cut_and_transform_crop(item, 24, scale, CENTRE, mirror=False)
    inside = torch.zeros(24, 24, dtype=torch.bool)
    inside[: round(10 * scale), : round(14 * scale)] = True
    assert torch.equal(crop.semantic == 1, inside)
    assert torch.equal(crop.semantic == VOID_CLASS, ~inside)
    assert torch.equal(crop.instances == VOID_INSTANCE, ~inside)


def test_a_crop_leaves_its_source_as_it_was():
    item, untouched = source(), source()
    cut_and_transform_crop(item, 24, 1.0, CENTRE, mirror=True).images.zero_()
    for part in ("image", "semantic", "instances"):
        assert np.array_equal(getattr(item, part), getattr(untouched, part))


def test_image_and_labels_of_a_crop_are_rotated_together():
    source = image_of_different_pixels()
    still = cut_and_transform_crop(source, 16, 1.0, np.zeros(2), mirror=False)
    turned = cut_and_transform_crop(source, 16, 1.0, np.zeros(2), mirror=False, turns=1)
    for part in ("images", "semantic", "instances"):
        expected = getattr(still, part).rot90(1, (-2, -1))
        assert torch.equal(getattr(turned, part), expected)


def test_without_rotations_crops_are_as_before_the_option():
    plain = CropBatches([image_of_different_pixels()], 16, 4, (0.8, 1.5), seed=3)
    turned = CropBatches([image_of_different_pixels()], 16, 4, (0.8, 1.5), seed=3, turned=True)
    assert any(not torch.equal(plain[step].instances, turned[step].instances) for step in range(4))
    first, other = plain[0].instances[0], turned[0].instances[0]
    assert any(torch.equal(first, other.rot90(turn, (-2, -1))) for turn in range(4))


def image_of_different_pixels():
    """An image in which all pixels are different."""
    numbers = np.arange(20 * 24, dtype=np.int32).reshape(20, 24)
    image = np.dstack([numbers % 251, numbers // 2, numbers // 20]).astype(np.uint8)
    return AnnotatedImage(image, (numbers % 7).astype(np.uint8), numbers)
