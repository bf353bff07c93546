"""The bootstrap computes the AP of the drawn images, and both methods are scored on the same draws."""

from dataclasses import replace

import numpy as np
import pytest

from bench.evaluation import bootstrap
from bench.evaluation.average_precision import (
    CITYSCAPES_SIZES,
    IOU_THRESHOLDS,
    SIZE_RANGES,
    ap_matrix,
    classify_detections,
)
from bench.evaluation.bootstrap import ConfidenceInterval, ap_matrix_of_draws, paired_bootstrap
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import Matches

CLASSES = ("a", "b", "rare", "never")


def objects(random, count=6, classes=2) -> dict:
    return {
        "object_class": random.integers(0, classes, count),
        "object_pixels": random.integers(60, 2000, count),
        "is_group": random.random(count) < 0.1,
    }


def found(random, truth: dict, levels=None, most=3) -> Matches:
    """Random predictions: each object up to ``most`` times, well or badly, and as many where no object is.

    levels: the number of different scores; None: all scores differ.
    """
    times = random.integers(0, most, len(truth["object_class"]))
    pair_object = np.repeat(np.arange(len(times)), times)
    count, extra = len(pair_object), int(random.integers(0, most + 1))
    pixels = random.integers(40, 2000, count + extra)
    pixels[:count] = truth["object_pixels"][pair_object] * random.uniform(0.7, 1.3, count)
    common = np.minimum(pixels[:count], truth["object_pixels"][pair_object])
    scores = random.random(count + extra)
    return Matches(
        **truth,
        prediction_class=np.concatenate(
            [truth["object_class"][pair_object], random.integers(0, 3, extra)]
        ).astype(np.int64),
        prediction_pixels=pixels,
        prediction_void_pixels=(pixels * (random.random(count + extra) < 0.2)).astype(np.int64),
        confidences=scores if levels is None else np.floor(scores * levels) / levels,
        pair_prediction=np.arange(count),
        pair_object=pair_object,
        pair_pixels=common,
    )


def pair(seed, images=8, levels=None) -> tuple[Evaluation, Evaluation]:
    """Two methods on the same annotation. The third class has a single object, the fourth class has none."""
    random = np.random.default_rng(seed)
    truth = {f"image {number}": objects(random) for number in range(images)}
    truth["image 0"] |= {"object_class": np.array([2, 0, 1, 0, 1, 0])}
    truth["image 0"] |= {"object_pixels": np.full(6, 900), "is_group": np.zeros(6, dtype=bool)}
    return tuple(
        Evaluation(CLASSES, {name: found(random, one, levels) for name, one in truth.items()})
        for _ in range(2)
    )


def nothing_found(evaluation: Evaluation) -> Evaluation:
    none = np.zeros(0, dtype=np.int64)
    lost = {
        name: none
        for name in (
            "prediction_class",
            "prediction_pixels",
            "prediction_void_pixels",
            "pair_pixels",
        )
    }
    lost |= {"pair_prediction": none, "pair_object": none, "confidences": np.zeros(0)}
    return replace(
        evaluation,
        matches={name: replace(one, **lost) for name, one in evaluation.matches.items()},
    )


@pytest.mark.parametrize("levels", [None, 2, 5])
@pytest.mark.parametrize(
    "size_range", [CITYSCAPES_SIZES, SIZE_RANGES["small"]], ids=["all", "small"]
)
@pytest.mark.parametrize("seed", range(3))
def test_a_bootstrap_draw_scores_like_repeated_images(seed, size_range, levels):
    for evaluation in (pair(seed, levels=levels)[0], nothing_found(pair(seed)[0])):
        images = list(evaluation.matches.values())
        random = np.random.default_rng(seed)
        draws = random.integers(0, len(images), (6, len(images)))
        draws[0] = np.arange(len(images))
        draws[1] = 0  # a draw that repeats one image
        draws[2] = 1 + draws[2] % (len(images) - 1)  # the third class has no object in this draw
        weights = np.array([np.bincount(draw, minlength=len(images)) for draw in draws])
        drawn = ap_matrix_of_draws(images, len(CLASSES), weights, size_range=size_range)
        for draw, precisions in zip(draws, drawn, strict=True):
            expected = ap_matrix(
                [images[index] for index in draw], len(CLASSES), size_range=size_range
            )
            np.testing.assert_allclose(precisions, expected, rtol=0, atol=1e-12)
        assert np.isnan(drawn[:, 3]).all()
    assert np.isnan(drawn[2, 2]).all()


def test_the_test_cases_have_non_trivial_precision_curves():
    """Without true and false positives, and AP between 0 and 1, the test above would prove little."""
    precisions = pair(0)[0].ap_matrix()
    assert len(np.unique(precisions[:2])) > 10 and 0.1 < np.nanmean(precisions) < 0.9


def test_draws_in_a_batch_equal_draws_one_by_one(monkeypatch):
    evaluation = pair(5)[0]
    images = list(evaluation.matches.values())
    weights = np.random.default_rng(5).integers(0, 3, (9, len(images)))
    at_once = ap_matrix_of_draws(images, len(CLASSES), weights)
    monkeypatch.setattr("bench.evaluation.bootstrap._MAX_CELLS_PER_STEP", 1)
    one_by_one = ap_matrix_of_draws(images, len(CLASSES), weights)
    np.testing.assert_allclose(one_by_one, at_once, rtol=0, atol=1e-12)


def test_the_difference_is_that_of_the_scores_and_in_its_interval():
    before, after = pair(1)
    interval = paired_bootstrap(before, after, rounds=400)
    assert interval.difference == pytest.approx(
        after.ap_scores().ap - before.ap_scores().ap, abs=1e-12
    )
    assert interval.low < interval.difference < interval.high
    assert interval.rounds == 400


def test_the_interval_is_percentiles_over_draws_shared_by_both():
    """Computed plainly: draw image names, compute AP of both methods, and take the difference."""
    before, after = pair(2, images=5)
    names = list(before.matches)
    drawn = np.random.default_rng(7).multinomial(5, np.full(5, 0.2), 60)

    def ap(evaluation, draw):
        precisions = evaluation.ap_matrix(np.repeat(names, draw))
        return precisions[~np.isnan(precisions[:, 0])].mean()

    changes = [ap(after, draw) - ap(before, draw) for draw in drawn]
    interval = paired_bootstrap(before, after, rounds=60, level=0.8, seed=7)
    assert (interval.low, interval.high) == pytest.approx(np.quantile(changes, [0.1, 0.9]))


def test_a_method_does_not_differ_from_itself_in_any_order_of_images():
    before, _ = pair(3)
    turned = replace(before, matches=dict(reversed(before.matches.items())))
    assert paired_bootstrap(before, turned, rounds=50) == ConfidenceInterval(0, 0, 0, 50)


def test_the_same_mistakes_in_both_make_the_interval_narrower():
    """The difficulty of images cancels out. It would not if the methods were scored on separate draws."""
    before, other = pair(4, images=30)
    last = list(before.matches)[-3:]
    after = replace(before, matches=before.matches | {name: other.matches[name] for name in last})
    alike = paired_bootstrap(before, after, rounds=200)
    unlike = paired_bootstrap(before, other, rounds=200)
    assert 0 < alike.high - alike.low < 0.7 * (unlike.high - unlike.low)


def test_a_higher_level_is_wider_and_a_seed_is_reproducible():
    before, after = pair(6)
    narrow, wide = (paired_bootstrap(before, after, 200, level) for level in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high
    assert paired_bootstrap(before, after, 200, 0.5) == narrow
    assert paired_bootstrap(before, after, 200, 0.5, seed=1) != narrow


def test_draws_without_objects_are_left_out_and_counted():
    """Only one of the two images has objects, so a quarter of the draws has no objects."""
    random = np.random.default_rng(8)
    truth, empty = objects(random), objects(random, count=0)
    truth["is_group"][:] = False
    before, after = (
        Evaluation(CLASSES, {"a": found(random, truth), "b": found(random, empty)})
        for _ in range(2)
    )
    assert 600 < paired_bootstrap(before, after).rounds < 900
    none = replace(before, matches={"b": before.matches["b"]})
    interval = paired_bootstrap(none, none, rounds=10)
    assert interval.rounds == 0
    assert np.isnan([interval.difference, interval.low, interval.high]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda one: {"matches": {**one.matches, "x": one.matches["image 1"]}},
            "image 'x': is not",
        ),
        (lambda one: {"class_names": ("other", *CLASSES[1:])}, "differ in classes"),
        (lambda one: {"size_range": SIZE_RANGES["large"]}, "or in the sizes that count"),
        (
            lambda one: {"matches": one.matches | {"image 1": one.matches["image 2"]}},
            "image 'image 1': the two evaluations have different annotations",
        ),
    ],
)
def test_incomparable_methods_are_a_one_line_error(change, message):
    before, after = pair(0, images=3)
    changed = replace(after, **change(after))
    for one, other in ((before, changed), (changed, before)):
        with pytest.raises(ValueError, match=message) as raised:
            paired_bootstrap(one, other)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("wrong", [{"rounds": 0}, {"level": 1.0}, {"level": 95}])
def test_invalid_levels_and_counts_are_refused(wrong):
    before, after = pair(0, images=2)
    with pytest.raises(ValueError, match="bootstrap: rounds is"):
        paired_bootstrap(before, after, **wrong)
    none = replace(before, matches={})
    with pytest.raises(ValueError, match="the evaluations have no images"):
        paired_bootstrap(none, none)


@pytest.mark.parametrize("rounds", [1, 1000])
def test_detections_are_classified_once_for_all_draws(rounds, monkeypatch):
    """Draws are fast, because all images are classified at once, and not once for each draw."""
    classified = []

    def counting(joined, class_index, *arguments):
        classified.append((joined, class_index))
        return classify_detections(joined, class_index, *arguments)

    monkeypatch.setattr(bootstrap, "classify_detections", counting)
    before, after = pair(9, images=20)
    paired_bootstrap(before, after, rounds=rounds)
    assert len(classified) == 2 * len(CLASSES) * len(IOU_THRESHOLDS)
    assert len({(id(joined), number) for joined, number in classified}) == 2 * len(CLASSES)
