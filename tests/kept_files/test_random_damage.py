"""No random damage of any kind of kept file is used without a line, and none ends in a traceback."""

import json

import numpy as np
import pytest
import safetensors.numpy
import torch

from bench.cache import AffinityCache, _checksum_of_old_entry
from bench.runner import records
from bench.runner.image_results import (
    ImageResult,
    ScopeResult,
    load_image_result,
    save_image_result,
)
from bench.runner.record_schema import RecordError
from bench.types import Instance
from merge_impls.timing import TimedRun
from models.deeplabv3 import DeepLabV3
from models.model_config import NetworkConfig
from models.model_folder import load_network, save_model
from models.training.starting_weights import read_starting_weights
from models.training.training_loop import read_checkpoint, write_checkpoint
from tests.bench.study_helpers import example_record
from tests.kept_files.random_damage import KeptKind, count_outcomes

KEY = {"image": "a picture", "weights": "of a network"}
ARRAYS = {"semantic": np.arange(60, dtype=np.float16).reshape(3, 4, 5), "affinity": np.ones(9)}
RECORDS = [example_record(key=digit * 64) for digit in "abc"]
NETWORK = NetworkConfig(
    channels=3,
    stem_width=2,
    widths=(2, 2, 2, 2),
    depths=(1, 1, 1, 1),
    multi_grid=(1,),
    aspp_width=2,
    aspp_rates=(1, 2, 3),
)


def same_arrays(one, other):
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.array_equal(one[name], other[name])
        for name in one
    )


def write_old_entry(path):
    """Write an entry of the cache as earlier versions did: with a checksum of the arrays alone."""
    metadata = {"key": json.dumps(KEY), "sha256": _checksum_of_old_entry(ARRAYS)}
    path.write_bytes(safetensors.numpy.save(ARRAYS, metadata))


def write_entry(path):
    cache = AffinityCache(path.parent)
    cache.read_or_compute(KEY, lambda: ARRAYS)
    cache.entry_path(KEY).rename(path)


def read_entry(path):
    return AffinityCache._read_entry(path, KEY)


def image_result():
    mask = np.zeros((8, 16), bool)
    mask[2:4, 3:9] = True
    scope = ScopeResult(30, 80, 12, 4, {"c": TimedRun(0.25, [0.125, 0.5])})
    return ImageResult("city/image", {"maps": scope}, [Instance(mask, "car", 1 / 3)])


def same_results(one, other):
    return (one.image, one.scopes) == (other.image, other.scopes) and all(
        (a.class_name, a.confidence) == (b.class_name, b.confidence)
        and np.array_equal(a.mask, b.mask)
        for a, b in zip(one.instances, other.instances, strict=True)
    )


def network_weights():
    torch.manual_seed(0)
    return DeepLabV3(NETWORK).state_dict()


def write_weights(path):
    config = type("Config", (), {})
    try:
        save_model(path.parent, config, {"semantic": network_weights(), "affinity": {}})
    except TypeError:  # only the weights are needed
        pass
    (path.parent / "semantic.safetensors").rename(path)


def same_weights(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def write_training_state(path):
    state = {"network": network_weights(), "losses": [1.0, 0.5], "recipe": "a recipe"}
    write_checkpoint(path, state)


def append_records(path):
    for record in RECORDS:
        records.append(path, record)


def read_whole_report(path):
    """Read records as ``python -m bench report`` does."""
    found = records.read(path)
    if not found:
        raise RecordError(f"{path} holds no records")
    return found


KINDS = {
    "cache entry": KeptKind(write_entry, read_entry, same_arrays),
    "old cache entry": KeptKind(write_old_entry, read_entry, same_arrays),
    "image result": KeptKind(
        lambda path: save_image_result(path, image_result(), (8, 16)),
        load_image_result,
        lambda one, other: one is not None and same_results(one, other),
    ),
    "appended records": KeptKind(
        append_records,
        records.read,
        # What is lost with its whole line is measured again.
        lambda one, other: all(record in other for record in one),
    ),
    "records of a report": KeptKind(
        lambda path: records.write(path, RECORDS),
        read_whole_report,
        lambda one, other: one == other,
    ),
    "checkpoint": KeptKind(
        write_training_state,
        lambda path: read_checkpoint(path, "a recipe")["network"],
        same_weights,
    ),
    "weights": KeptKind(
        write_weights, lambda path: load_network(NETWORK, path).state_dict(), same_weights
    ),
    "starting weights": KeptKind(
        write_weights, lambda path: read_starting_weights(path).weights, same_weights
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [30, pytest.param(10_000, marks=pytest.mark.exhaustive)])
def test_random_damage_is_noticed_or_harmless(kind, count, tmp_path):
    outcomes = count_outcomes(KINDS[kind], tmp_path / "kept.safetensors", count)
    print(f"{kind}: {dict(outcomes)}")
    assert not outcomes.keys() - {"noticed", "harmless"}, outcomes
    assert outcomes.total() == count and outcomes["noticed"] > 0.9 * count
