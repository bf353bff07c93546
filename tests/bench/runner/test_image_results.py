"""Image results on disk are read back unchanged, or not at all if the file is damaged."""

from dataclasses import replace

import numpy as np
import pytest

from bench.pipeline.config import PLAIN
from bench.runner.image_results import (
    DamagedImageResultWarning,
    ImageResult,
    ScopeResult,
    load_image_result,
    save_image_result,
    with_instances_in_file,
)
from bench.runner.packed_results import PackedResults, ResultsOfVariant
from bench.runner.study import Variant
from bench.types import Instance, label_map
from merge_impls.timing import TimedRun

SIZE = (8, 16)


@pytest.fixture
def result():
    left, right = np.zeros(SIZE, bool), np.zeros(SIZE, bool)
    left[2:4, 3:9] = True
    right[5:, 10:] = True
    runs = {"c": TimedRun(0.25, [0.125, 0.5]), "networkx": TimedRun(1.5, [3.0])}
    parts = {
        "maps": ScopeResult(30, 80, 12, 4, {"c": runs["c"]}),
        "crops": ScopeResult(10, 20, 5, 2, runs),
    }
    return ImageResult(
        "city/image", parts, [Instance(left, "car", 1 / 3), Instance(right, "bus", 0.9)]
    )


def same(one, other):
    instances = list(zip(one.instances, other.instances, strict=True))
    return (one.image, one.scopes) == (other.image, other.scopes) and all(
        (a.class_name, a.confidence) == (b.class_name, b.confidence)
        and np.array_equal(a.mask, b.mask)
        for a, b in instances
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "units" / "unit.safetensors"


def test_an_image_result_comes_back_as_it_was_saved(result, path):
    save_image_result(path, result, SIZE)
    assert same(load_image_result(path), result)
    assert list(path.parent.iterdir()) == [path]


def test_an_image_result_without_objects_comes_back(result, path):
    save_image_result(path, ImageResult("empty", result.scopes, []), SIZE)
    assert load_image_result(path).instances == []


def test_packed_results_come_back_in_the_order_of_images(result, path):
    save_image_result(path, result, SIZE)
    rows = [Variant(name, PLAIN) for name in ("first", "second")]
    names = [f"city/{number}" for number in range(4)]
    results = PackedResults()
    for name in reversed(names):
        for row in rows:
            one = replace(result, image=f"{name} of {row.name}")
            results[name, row] = with_instances_in_file(one, path)
    for row in rows:
        unpacked = ResultsOfVariant(results, row, names)
        assert [each.image for each in unpacked[1:]] == [
            f"{each} of {row.name}" for each in names[1:]
        ]
        assert all(same(replace(each, image=result.image), result) for each in unpacked)


def test_many_packed_results_need_few_bytes_each(result):
    row, results = Variant("", PLAIN), PackedResults()
    for number in range(100):
        results[f"city/{number}", row] = replace(result, image=f"city/{number}", instances=())
    assert results.packed_bytes < 100 * 100 + 1000


def test_reading_a_missing_image_result_gives_none(path):
    assert load_image_result(path) is None


def test_an_image_result_cut_off_anywhere_is_none(result, path):
    save_image_result(path, result, SIZE)
    whole = path.read_bytes()
    for end in range(0, len(whole), 5):
        path.write_bytes(whole[:end])
        with pytest.warns(DamagedImageResultWarning, match="measuring it again"):
            assert load_image_result(path) is None


def test_no_flipped_bit_of_an_image_result_goes_unnoticed(result, path):
    save_image_result(path, result, SIZE)
    whole = path.read_bytes()
    for place in range(len(whole)):
        content = bytearray(whole)
        content[place] ^= 1 << place % 8
        path.write_bytes(content)
        with pytest.warns(DamagedImageResultWarning, match="measuring it again") as warned:
            assert load_image_result(path) is None
        assert len(warned) == 1 and str(path) in str(warned[0].message)


def test_the_result_of_another_image_under_this_name_is_not_read(result, path):
    save_image_result(path, result, SIZE)
    other = path.rename(path.with_stem("other"))
    with pytest.warns(DamagedImageResultWarning, match="it holds another result"):
        assert load_image_result(other) is None


def test_an_image_result_of_an_older_format_is_none(path):
    """Earlier versions wrote a compressed ``.npz`` without a checksum."""
    path.parent.mkdir()
    with path.open("wb") as file:
        np.savez_compressed(file, labels=np.zeros(SIZE, np.int32), rest=np.array("{}"))
    with pytest.warns(DamagedImageResultWarning, match="measuring it again"):
        assert load_image_result(path) is None


def test_a_label_map_numbers_the_instances(result):
    labels = label_map(result.instances, SIZE)
    for number, instance in enumerate(result.instances, start=1):
        assert np.array_equal(labels == number, instance.mask)
    assert np.array_equal(labels > 0, result.instances[0].mask | result.instances[1].mask)


@pytest.mark.parametrize("failure", [{"failed": "it died"}, {"difference": "history differs"}])
@pytest.mark.parametrize("scope", ["maps", "crops"])
def test_a_failure_in_any_scope_makes_an_image_result_unclean(result, failure, scope):
    assert result.has_only_right_runs
    result.scopes[scope].runs["c"] = TimedRun(0.1, [0.1], **failure)
    assert not result.has_only_right_runs


def test_an_instance_keeps_the_box_of_its_mask_alone():
    whole = np.zeros((1024, 2048), bool)
    whole[10:14, 20:29] = np.random.default_rng(0).random((4, 9)) < 0.5
    whole[10, 20] = whole[13, 28] = True
    instance = Instance(whole, "car", 0.5)
    assert np.array_equal(instance.mask, whole) and instance.shape == whole.shape
    assert instance.cropped_mask.shape == (4, 9) and instance.cropped_mask.base is None
    assert np.array_equal(whole[instance.slices], instance.cropped_mask)


@pytest.mark.parametrize("shape", [(0, 0), (3, 4)])
def test_an_empty_mask_is_kept_as_empty(shape):
    instance = Instance(np.zeros(shape, bool), "car", 0.5)
    assert (
        instance.mask.shape == shape and not instance.mask.any() and not instance.cropped_mask.size
    )
