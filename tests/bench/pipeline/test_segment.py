"""The pipeline: the cache keys of images, predictions, enlarged images, and errors."""

import importlib.util
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import digests
from bench.cache import AffinityCache
from bench.digests import array_digest, imported_source_files
from bench.pipeline import cached_networks
from bench.pipeline.cached_networks import CachedNetworks
from bench.pipeline.config import PLAIN
from bench.pipeline.oracle import ORACLE_PARTS
from bench.pipeline.segment import Pipeline
from bench.pipeline.view import Box, View
from bench.types import Sample
from models.model_config import read_config, write_config

PICTURE = np.arange(32 * 64 * 3, dtype=np.uint8).reshape(32, 64, 3)
WHOLE = Box(0, 0, 32, 64)


@pytest.fixture
def folder(tiny_model, tmp_path):
    """A copy of the model folder, which a test may change."""
    return shutil.copytree(tiny_model, tmp_path / "model")


def key(folder, image=PICTURE, box=WHOLE, input_size=None, mirrored=False):
    networks = CachedNetworks(folder, AffinityCache(folder / "cache"))
    return networks.cache_key(
        array_digest(image), View(box, input_size or box.size, mirrored), None
    )


def whole(line, image=PICTURE):
    """The prediction of a whole image."""
    return line.predict_whole_image(line.predictor(image))


def strided(stride):
    return PLAIN.replace(semantic_stride=stride, affinity_stride=stride)


def other_weights(folder):
    path = folder / "affinity.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def other_normalisation(folder):
    config = read_config(folder / "model.toml")
    write_config(replace(config, std=(0.25, 0.25, 0.26)), folder / "model.toml")


def other_output_stride(folder):
    config = read_config(folder / "model.toml")
    write_config(replace(config, semantic=config.semantic.at_stride(16)), folder / "model.toml")


CHANGES = [other_weights, other_normalisation, other_output_stride]


@pytest.mark.parametrize("change", CHANGES)
def test_everything_that_changes_predictions_changes_the_key(folder, change):
    before = key(folder)
    assert key(folder) == before
    change(folder)
    assert key(folder) != before


def test_another_image_region_or_view_has_another_key(folder):
    one_value = PICTURE.copy()
    one_value[31, 63, 2] ^= 1
    assert key(folder, one_value) != key(folder)
    assert key(folder, box=Box(0, 0, 32, 63)) != key(folder)
    assert key(folder, input_size=(64, 128)) != key(folder)
    assert key(folder, mirrored=True) != key(folder)


def closure():
    return imported_source_files(cached_networks.LOGITS_MODULE)


@pytest.mark.parametrize("source", closure(), ids=lambda path: path.name)
def test_a_change_of_any_source_of_the_answers_changes_the_key(
    folder, source, tmp_path, monkeypatch
):
    packages = {path.with_name("__init__.py") for path in closure()}
    for path in {*closure(), *packages}:
        copied = tmp_path / "tree" / path.relative_to(digests.ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copied)
    before = key(folder)
    changed = tmp_path / "tree" / source.relative_to(digests.ROOT)
    monkeypatch.setattr(digests, "ROOT", tmp_path / "tree")
    assert key(folder) == before
    changed.write_text(changed.read_text() + "\n")
    assert key(folder) != before


@pytest.mark.parametrize("library", cached_networks.LOGITS_LIBRARIES)
def test_another_version_of_a_library_changes_the_key(folder, library, monkeypatch):
    before = key(folder)
    other = {library: "of tomorrow"}
    monkeypatch.setattr(cached_networks, "version", lambda name: other.get(name, version(name)))
    assert key(folder) != before


def test_settings_of_the_merge_do_not_change_the_key(folder):
    before = key(folder)
    config = read_config(folder / "model.toml")
    numbers = {name: replace(own, min_object_pixels=1) for name, own in config.merge.items()}
    write_config(replace(config, merge=numbers), folder / "model.toml")
    assert key(folder) == before


def test_all_that_answering_loads_is_in_the_closure():
    """A process that computes logits loads no module of this project whose source is not in the key."""
    code = f"import sys, {cached_networks.LOGITS_MODULE}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=digests.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    ours = [name for name in run.stdout.split() if name.partition(".")[0] in digests.PACKAGES]
    files = {Path(importlib.util.find_spec(name).origin) for name in ours}
    held = set(closure())
    assert held <= files
    assert all(
        path.name == "__init__.py" for path in files - held
    )  # files that hold only a docstring


def test_only_a_stride_other_than_the_models_changes_the_key(tiny_model):
    """The configured stride of the tiny model is 8."""
    keys = {
        stride: Pipeline(tiny_model, None, strided(stride)).image_cache_key(PICTURE)
        for stride in (None, 8, 4, 16)
    }
    assert keys[None] == keys[8]
    assert len({str(key) for key in keys.values()}) == 3
    # so that `bench cache` finds the model of each entry
    assert keys[8].items() < keys[4].items()


def test_the_key_names_a_device_that_is_not_the_cpu(tiny_model, monkeypatch):
    """The device changes the last bits of results. The number of the device does not matter."""
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    plain = Pipeline(tiny_model, None).image_cache_key(PICTURE)
    for name in ("cuda", "cuda:1"):
        assert Pipeline(tiny_model, None, device=name).image_cache_key(PICTURE) == plain | {
            "device": "cuda"
        }


def test_unknown_strides_and_devices_are_a_one_line_error(tiny_model, monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    with pytest.raises(ValueError, match="output_stride is 5; it must be 4, 8, 16 or 32"):
        Pipeline(tiny_model, None, strided(5))
    with pytest.raises(ValueError, match="device 'cuda' does not exist: .* use 'cpu'"):
        Pipeline(tiny_model, None, device="cuda")


def test_maps_at_another_stride_are_those_of_a_model_of_that_stride(folder):
    at_four = Pipeline(folder, AffinityCache(folder / "cache"), strided(4))
    kept = at_four.estimate_cache_entry_bytes((32, 64))
    found = whole(at_four)
    config = read_config(folder / "model.toml")
    fine = {name: getattr(config, name).at_stride(4) for name in ("semantic", "affinity")}
    write_config(replace(config, **fine), folder / "model.toml")
    other = Pipeline(folder, AffinityCache(folder / "cache"))
    assert np.array_equal(found.affinity, whole(other).affinity)
    assert np.array_equal(found.semantic, whole(other).semantic)
    assert kept == other.estimate_cache_entry_bytes((32, 64))


def test_networks_run_once_for_an_image(folder, monkeypatch):
    cache = AffinityCache(folder / "cache")
    first = whole(Pipeline(folder, cache))
    monkeypatch.setattr(cached_networks, "load_model", None)
    second = whole(Pipeline(folder, cache))
    assert np.array_equal(first.affinity, second.affinity)
    assert np.array_equal(first.semantic, second.semantic)


def test_maps_are_undirected_affinities_and_probabilities_of_full_size(folder):
    line = Pipeline(folder, AffinityCache(folder / "cache"))
    prediction = whole(line)
    assert prediction.affinity.shape == (len(line.config.graph_offsets), 32, 64)
    assert prediction.semantic.shape == (9, 32, 64)
    assert np.allclose(prediction.semantic.sum(axis=0), 1, atol=1e-5)
    assert 0 <= prediction.affinity.min() and prediction.affinity.max() <= 1


def test_offsets_stages_and_groups_follow_the_configuration(tiny_model):
    config = Pipeline(tiny_model, None).config
    assert config.graph_offsets[:4] == [(0, 1), (1, -1), (1, 0), (1, 1)]
    assert config.graph_offsets[-1] == (8, 8)
    assert config.graph_stages == [0] * 8 + [1] * 4
    assert config.super_class_channels == [[1, 2], [3, 4, 5, 6], [7, 8]]


@pytest.fixture
def enlarging(folder):
    """A pipeline whose model enlarges pictures to a height of at least 48 pixels."""
    config = read_config(folder / "model.toml")
    write_config(replace(config, enlarge_to=48), folder / "model.toml")
    return Pipeline(folder, AffinityCache(folder / "cache"))


def test_a_low_picture_is_enlarged_and_its_instances_have_its_size(enlarging):
    picture = np.random.default_rng(0).integers(0, 255, (32, 64, 3), dtype=np.uint8)
    found = enlarging.segment(enlarging.predictor(picture))
    (region,) = found.regions
    prediction = region.prediction
    assert prediction.semantic.shape[1:] == region.merge.labels.shape == (48, 96)
    assert prediction.enlarged_from == prediction.original_size == (32, 64)
    assert found.instances
    smallest = enlarging.model.merge_config("average").min_object_pixels
    for instance in found.instances:
        assert instance.mask.shape == (32, 64) and instance.mask.sum() > smallest
    looked_at = prediction.at_original_size()
    assert looked_at.semantic.shape[1:] == looked_at.affinity.shape[1:] == (32, 64)


def test_a_high_picture_is_not_enlarged(enlarging):
    picture = np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    prediction = whole(enlarging, picture)
    assert prediction.semantic.shape[1:] == (48, 64) and prediction.enlarged_from is None
    assert prediction.at_original_size() is prediction


def test_the_oracle_of_an_enlarged_picture_gives_back_the_instances(enlarging):
    instances = np.zeros((32, 64), np.int32)
    instances[4:20, 5:30], instances[8:30, 40:60] = 1, 2
    sample = Sample("two", PICTURE, np.uint8(3 * (instances > 0)), instances)
    found = enlarging.segment(enlarging.oracle_predictor(sample, ORACLE_PARTS), "heap")
    assert [region.prediction.enlarged_from for region in found.regions] == [(32, 64)]
    masks = [instance.mask for instance in found.instances]
    assert all(np.array_equal(mask, instances == n) for n, mask in enumerate(masks, start=1))
    assert len(masks) == 2
