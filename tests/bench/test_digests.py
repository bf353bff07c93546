"""Keys are content: equal content gives equal keys, any other content another one."""

import numpy as np
import pytest

from bench.digests import array_digest, digest, files_digest
from merge_impls.files import atomic_write


def test_a_digest_does_not_depend_on_the_order_of_entries():
    assert digest({"a": 1, "b": [2, 3]}) == digest({"b": [2, 3], "a": 1})
    assert digest({"a": 1, "b": [2, 3]}) != digest({"a": 1, "b": [3, 2]})


def test_a_digest_refuses_what_json_cannot_say():
    with pytest.raises(ValueError):
        digest({"a": float("nan")})


def test_the_digest_of_an_array_covers_values_shape_and_dtype():
    base = np.arange(6, dtype=np.int16).reshape(2, 3)
    changed = base.copy()
    changed[1, 1] += 1
    others = [changed, base.reshape(3, 2), base.view(np.uint16), base.astype(np.int32), base.T]
    assert len({array_digest(array) for array in [base, *others]}) == 6
    assert array_digest(np.asfortranarray(base)) == array_digest(base)


def test_the_digest_of_files_covers_names_and_bytes_in_any_order(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("2")
    known = files_digest([first, second])
    assert files_digest([second, first]) == known
    assert files_digest([second.rename(tmp_path / "c"), first]) != known
    first.write_text("2")
    second.write_text("1")
    assert files_digest([first, second]) != known


def test_a_block_that_fails_keeps_the_old_file_and_leaves_no_other(tmp_path):
    path = tmp_path / "deep" / "file"
    with atomic_write(path) as partial:
        partial.write_text("old")
    with pytest.raises(RuntimeError), atomic_write(path) as partial:
        partial.write_text("half of the n")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]
