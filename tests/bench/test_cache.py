"""The cache returns exactly the arrays that were computed for a key, also if its files are damaged."""

import hashlib
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import bench
from bench.cache import AffinityCache, DamagedEntryWarning

KEY = {"image": "a picture", "weights": "of a network", "region": "0:2,0:3"}


def arrays(scale=1):
    return {
        "semantic": np.arange(6, dtype=np.float16).reshape(2, 3) * np.float16(scale),
        "affinity": np.full((1, 2, 2), scale, np.float16),
    }


def assert_same(got, expected):
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        assert got[name].dtype == array.dtype
        assert np.array_equal(got[name], array)


def never():
    raise AssertionError("computed although it was there")


@pytest.fixture
def cache(tmp_path):
    return AffinityCache(tmp_path / "cache")


@pytest.fixture
def entry(cache):
    """The path of an undamaged entry with the key ``KEY``."""
    cache.read_or_compute(KEY, arrays)
    return cache.entry_path(KEY)


def test_an_existing_entry_is_read_not_computed(cache):
    assert_same(cache.read_or_compute(KEY, arrays), arrays())
    assert_same(cache.read_or_compute(dict(reversed(KEY.items())), never), arrays())
    assert_same(AffinityCache(cache.folder).read_or_compute(KEY, never), arrays())


@pytest.mark.parametrize("part", KEY)
def test_every_part_of_the_key_selects_the_entry(cache, entry, part):
    other = {**KEY, part: "something else"}
    assert_same(cache.read_or_compute(other, lambda: arrays(2)), arrays(2))
    assert_same(cache.read_or_compute(KEY, never), arrays())


def cut_off(path, cache):
    path.write_bytes(path.read_bytes()[:-3])


def cut_in_the_header(path, cache):
    path.write_bytes(path.read_bytes()[:40])


def flip_a_value(path, cache):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def empty(path, cache):
    path.write_bytes(b"")


def take_that_of_another_key(path, cache):
    other = {**KEY, "image": "another"}
    cache.read_or_compute(other, lambda: arrays(2))
    os.replace(cache.entry_path(other), path)


DAMAGES = [cut_off, cut_in_the_header, flip_a_value, empty, take_that_of_another_key]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_reported_computed_again_and_replaced(cache, entry, damage):
    damage(entry, cache)
    with pytest.warns(DamagedEntryWarning, match="computing it again") as warned:
        got = cache.read_or_compute(KEY, arrays)
    assert len(warned) == 1 and "\n" not in str(warned[0].message)
    assert str(entry) in str(warned[0].message)
    assert_same(got, arrays())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same(cache.read_or_compute(KEY, never), arrays())


def test_a_folder_in_place_of_an_entry_is_named(cache, entry):
    entry.unlink()
    entry.mkdir()
    with pytest.warns(match="it is a folder; move it away") as warned:
        assert_same(cache.read_or_compute(KEY, arrays), arrays())
    assert all(str(entry) in str(warning.message) for warning in warned)


def test_no_flipped_bit_goes_unnoticed(cache, entry):
    whole = entry.read_bytes()
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 1 << place % 8
        entry.write_bytes(content)
        with pytest.warns(DamagedEntryWarning):
            assert_same(cache.read_or_compute(KEY, arrays), arrays())


def test_a_failing_computation_leaves_no_entry(cache):
    def broken():
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        cache.read_or_compute(KEY, broken)
    assert not [path for path in cache.folder.rglob("*") if path.is_file()]
    assert_same(cache.read_or_compute(KEY, arrays), arrays())


def test_an_interrupted_write_leaves_nothing_to_read(cache, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            cache.read_or_compute(KEY, arrays)
    assert not [path for path in cache.folder.rglob("*") if path.is_file()]
    assert_same(cache.read_or_compute(KEY, lambda: arrays(3)), arrays(3))


SHARING = """
import sys, time, warnings
from pathlib import Path
import numpy as np
from bench.cache import AffinityCache
warnings.simplefilter("error")
folder, own, other = map(Path, sys.argv[1:])
own.touch()
while not other.exists():
    time.sleep(0.001)
for number in range(40):
    expected = np.full((100, 1000), number, np.float32)
    got = AffinityCache(folder).read_or_compute({"image": str(number)}, lambda: {"affinity": expected})
    assert np.array_equal(got["affinity"], expected), number
"""


def test_two_processes_that_fetch_the_same_keys_both_get_the_right_arrays(tmp_path):
    ready = [tmp_path / "one", tmp_path / "two"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SHARING, tmp_path / "cache", *order],
            cwd=Path(bench.__file__).parent.parent,
            stderr=subprocess.PIPE,
            text=True,
        )
        for order in (ready, ready[::-1])
    ]
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert errors == ["", ""]
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.is_file()]) == 40


def old_entry(metadata):
    """The bytes of an entry of an earlier version; ``metadata`` stand in any order."""
    content = safetensors.numpy.save(arrays())
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps({"__metadata__": metadata, **json.loads(content[8:end])}).encode()
    return len(header).to_bytes(8, "little") + header + content[end:]


@pytest.mark.parametrize("order", [["key", "sha256"], ["sha256", "key"]])
def test_an_entry_of_an_earlier_version_stays_valid(cache, order):
    total = hashlib.sha256()
    for name, array in sorted(arrays().items()):
        total.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    metadata = {"key": json.dumps(KEY), "sha256": total.hexdigest()}
    path = cache.entry_path(KEY)
    path.parent.mkdir(parents=True)
    path.write_bytes(old_entry({name: metadata[name] for name in order}))
    assert_same(cache.read_or_compute(KEY, never), arrays())
    (entry,) = cache.entries()
    assert entry.key == KEY and cache.describe_damage(entry) == ""
    path.write_bytes(old_entry({"key": metadata["key"]}))
    assert "sha256" in cache.describe_damage(entry)
