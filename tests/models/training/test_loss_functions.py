import pytest
import torch
import torch.nn.functional as F

from models.training.loss_functions import (
    VOID_CLASS,
    affinity_loss,
    balanced_class_weights,
    balanced_kind_weights,
    semantic_loss,
)
from models.training.pair_targets import IGNORED, OTHER, OUTSIDE, SAME

SHARES = (0.5, 0.3, 0.2)


@pytest.fixture
def random():
    return torch.Generator().manual_seed(3)


@pytest.fixture
def labels(random):
    labels = torch.randint(0, 4, (2, 9, 11), generator=random, dtype=torch.uint8)
    labels[0, :3] = VOID_CLASS
    return labels


@pytest.fixture
def class_logits(random):
    return torch.randn(2, 4, 9, 11, generator=random)


@pytest.fixture
def kinds(random):
    return torch.randint(0, 4, (2, 6, 9, 11), generator=random, dtype=torch.uint8)


@pytest.fixture
def pair_logits(random):
    return torch.randn(2, 6, 9, 11, generator=random)


def counts(kinds):
    by_channel = kinds.transpose(0, 1).flatten(1).long()
    return torch.stack([torch.bincount(channel, minlength=4) for channel in by_channel])


def test_semantic_loss_with_unit_weights_is_cross_entropy_of_known_pixels(class_logits, labels):
    known = labels != VOID_CLASS
    expected = F.cross_entropy(class_logits.movedim(1, -1)[known], labels[known].long())
    torch.testing.assert_close(semantic_loss(class_logits, labels, torch.ones(4)), expected)


def test_void_pixels_have_no_gradient(class_logits, labels):
    class_logits.requires_grad_()
    semantic_loss(class_logits, labels, torch.tensor([1.0, 2, 3, 4])).backward()
    learns = (class_logits.grad != 0).any(dim=1)
    assert torch.equal(learns, labels != VOID_CLASS)


def test_affinity_loss_with_unit_weights_is_binary_cross_entropy(pair_logits, kinds):
    learnt = kinds != IGNORED
    expected = F.binary_cross_entropy_with_logits(
        pair_logits[learnt], (kinds[learnt] == SAME).float()
    )
    loss = affinity_loss(pair_logits, kinds, torch.ones(6, 4))
    torch.testing.assert_close(loss, expected)


def test_ignored_pairs_have_no_gradient(pair_logits, kinds):
    pair_logits.requires_grad_()
    affinity_loss(pair_logits, kinds, torch.ones(6, 4)).backward()
    assert torch.equal(pair_logits.grad != 0, kinds != IGNORED)


def test_positive_pairs_raise_logits_and_negative_pairs_lower_them(pair_logits, kinds):
    pair_logits.requires_grad_()
    affinity_loss(pair_logits, kinds, torch.ones(6, 4)).backward()
    assert (pair_logits.grad[kinds == SAME] < 0).all()
    assert (pair_logits.grad[(kinds == OTHER) | (kinds == OUTSIDE)] > 0).all()


@pytest.mark.parametrize("kind", [SAME, OTHER, OUTSIDE])
def test_a_kind_weight_counts_in_its_channel_and_kind_alone(pair_logits, kinds, kind):
    weights = torch.ones(6, 4)
    plain = affinity_loss(pair_logits, kinds, weights)
    weights[2, kind] = 3.0
    chosen = kinds[:, 2] == kind
    each = F.binary_cross_entropy_with_logits(
        pair_logits[:, 2], (kinds[:, 2] == SAME).float(), reduction="none"
    )
    more = 2 * each[chosen].sum() / (kinds != IGNORED).sum()
    torch.testing.assert_close(affinity_loss(pair_logits, kinds, weights), plain + more)


def test_balanced_weights_give_each_kind_its_share_of_every_channel():
    pairs = torch.tensor([[500, 920, 50, 30], [0, 10, 10, 980], [7, 300, 300, 300]])
    totals = pairs * balanced_kind_weights(pairs, SHARES)
    shares = totals[:, [SAME, OTHER, OUTSIDE]] / pairs[:, 1:].sum(dim=1, keepdim=True)
    torch.testing.assert_close(shares, torch.tensor([SHARES] * 3))
    assert not totals[:, IGNORED].any()


@pytest.mark.parametrize("absent", [SAME, OTHER, OUTSIDE])
def test_without_pairs_of_a_kind_weights_stay_finite_and_balanced(pair_logits, kinds, absent):
    kinds = torch.where(kinds == absent, IGNORED, kinds)
    weights = balanced_kind_weights(counts(kinds), SHARES)
    present = [kind for kind in (SAME, OTHER, OUTSIDE) if kind != absent]
    totals = (counts(kinds) * weights)[:, present] / counts(kinds)[:, 1:].sum(dim=1, keepdim=True)
    expected = torch.tensor([SHARES[kind - 1] for kind in present]).expand(6, 2)
    torch.testing.assert_close(totals, expected)
    assert weights.isfinite().all()
    assert affinity_loss(pair_logits, kinds, weights).isfinite()


def test_a_batch_without_anything_to_learn_has_loss_zero(class_logits, pair_logits, kinds):
    nothing = torch.full((2, 9, 11), VOID_CLASS, dtype=torch.uint8)
    assert semantic_loss(class_logits, nothing, torch.ones(4)) == 0
    ignored = torch.full_like(kinds, IGNORED)
    weights = balanced_kind_weights(counts(ignored), SHARES)
    assert weights.isfinite().all()
    assert affinity_loss(pair_logits, ignored, weights) == 0


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_class_weights_follow_frequency_and_the_mean_pixel_weighs_one(power):
    pixels = torch.tensor([9000, 900, 90, 10])
    weights = balanced_class_weights(pixels, power)
    torch.testing.assert_close((weights * pixels).sum() / pixels.sum(), torch.tensor(1.0))
    torch.testing.assert_close(weights[1] / weights[0], torch.tensor(10.0**power))


def test_a_class_that_is_absent_changes_no_other_weight():
    pixels = torch.tensor([9000, 900, 0])
    weights = balanced_class_weights(pixels, 0.5)
    assert weights.isfinite().all()
    torch.testing.assert_close(weights[:2], balanced_class_weights(pixels[:2], 0.5))
