"""Noise on the affinities, an option of a row: it is reproducible, and part of the record and the key."""

from dataclasses import replace

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.pipeline.config import PLAIN
from bench.pipeline.segment import Pipeline
from bench.runner.image_problems import ImageProblems
from bench.runner.noisy_predictor import NoisyPredictor
from bench.runner.study import Variant
from bench.runner.study_file import find_variant, read_study


@pytest.fixture
def pipeline(tiny_model, study_cache):
    return Pipeline(tiny_model, study_cache)


@pytest.fixture
def predictor(pipeline, street):
    return pipeline.predictor(street.image("val", street.names("val")[0]))


def logits(probabilities):
    inside = probabilities.clip(1e-4, 1 - 1e-4).astype(float)
    return np.log(inside / (1 - inside))


@pytest.mark.parametrize("deviation", [0.5, 1.0])
def test_the_logits_of_affinities_get_normal_noise(pipeline, predictor, deviation):
    view = pipeline.whole_image_view(predictor.image_size)
    clean = predictor.affinity(view)
    noise = logits(NoisyPredictor(predictor, deviation).affinity(view)) - logits(clean)
    unsure = noise[(clean > 0.2) & (clean < 0.8)]
    assert len(unsure) > 1000 and abs(unsure.mean()) < 0.1 * deviation
    assert unsure.std() == pytest.approx(deviation, rel=0.05)


def test_noise_is_the_same_every_time_and_leaves_the_classes(pipeline, predictor):
    view = pipeline.whole_image_view(predictor.image_size)
    one, other = (NoisyPredictor(predictor, 1.0) for _ in range(2))
    np.testing.assert_array_equal(one.affinity(view), other.affinity(view))
    np.testing.assert_array_equal(one.semantic(view), predictor.semantic(view))
    assert one.image_size == predictor.image_size


def test_a_row_with_noise_is_another_result_and_its_record_says_so(run, short_study, quick):
    rows = (Variant("clean", PLAIN), Variant("noisy", PLAIN, noise=2.0))
    found = run(replace(short_study, variants=rows))
    clean, noisy = (record for record in found.records if record.cell.scope == "maps")
    assert (clean.noise, noisy.noise) == (None, 2.0) and clean.key != noisy.key
    assert [image.segments for image in clean.images] != [image.segments for image in noisy.images]
    assert "noise" not in clean.to_json() and noisy.to_json()["noise"] == 2.0


def test_a_study_of_the_tuning_slice_takes_no_other_images(few, tiny_model, short_study, tmp_path):
    study = replace(short_study, source=replace(short_study.images, split="train", tuning=True))
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "cache"))
    images = ImageProblems(study, few, pipeline).images
    assert images == few.tuning_image_names(few.names("train")) and len(images) == 1


def test_the_study_of_causes_starts_from_a_row_of_table_2():
    study = read_study("causes")
    first = study.variants[0]
    assert first.strategy == find_variant("table2", "PAR, RR").strategy and not first.noise
    assert {row.noise for row in study.variants} == {0.0, 1.0, 2.0}
    assert {row.oracle for row in study.variants} == {(), ("semantic",), ("affinity",)}
