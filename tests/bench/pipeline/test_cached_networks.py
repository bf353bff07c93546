"""The cache of a model holds the answers of the weights in its key, also if files are replaced meanwhile."""

import shutil

import pytest

from bench.cache import AffinityCache
from bench.pipeline.segment import Pipeline
from models.model_config import ModelError


@pytest.fixture
def model(tiny_model, tmp_path):
    return shutil.copytree(tiny_model, tmp_path / "model")


@pytest.fixture
def image(street):
    return street.image("val", street.names("val")[0])


def predict(pipeline, image):
    return pipeline.predict_whole_image(pipeline.predictor(image))


@pytest.mark.parametrize("file", ["semantic.safetensors", "affinity.safetensors", "model.toml"])
def test_files_replaced_after_the_key_was_made_poison_no_entry(
    model, random_model, image, tmp_path, file
):
    cache = AffinityCache(tmp_path / "cache")
    pipeline = Pipeline(model, cache)
    pipeline.image_cache_key(image)  # the weights are hashed here
    other = random_model(tmp_path / "other", seed=3, crop=96)
    shutil.copy(other / file, model / file)
    with pytest.raises(ModelError, match="was changed while it was in use; run the command again"):
        predict(pipeline, image)
    assert not list(cache.entries())


def test_files_replaced_after_loading_change_nothing(model, random_model, image, tmp_path):
    pipeline = Pipeline(model, AffinityCache(tmp_path / "cache"))
    expected = predict(pipeline, image)
    shutil.copytree(random_model(tmp_path / "other", seed=3), model, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "cache")
    assert (predict(pipeline, image).affinity == expected.affinity).all()
    fresh = Pipeline(model, AffinityCache(tmp_path / "cache"))
    assert (predict(fresh, image).affinity != expected.affinity).any()
