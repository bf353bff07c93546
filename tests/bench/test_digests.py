"""Digests are equal for equal content, and different for different content."""

import numpy as np
import pytest

from bench import digests
from bench.digests import (
    array_digest,
    files_digest,
    imported_source_files,
    json_digest,
    json_digest_of_entries,
    source_files_digest,
)
from merge_impls.file_writing import atomic_write


def test_a_digest_does_not_depend_on_the_order_of_entries():
    assert json_digest({"a": 1, "b": [2, 3]}) == json_digest({"b": [2, 3], "a": 1})
    assert json_digest({"a": 1, "b": [2, 3]}) != json_digest({"a": 1, "b": [3, 2]})


@pytest.mark.parametrize("content", [{}, {"a": 1}, {"a": [1, "ü"], "b": {"d": 0.5, "c": None}}])
def test_a_digest_of_entries_is_that_of_their_dict(content):
    assert json_digest_of_entries(content.items()) == json_digest(content)


def test_a_digest_refuses_what_json_cannot_say():
    with pytest.raises(ValueError):
        json_digest({"a": float("nan")})


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


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A function that writes a source file into a temporary folder, which replaces ``ROOT``."""
    monkeypatch.setattr(digests, "ROOT", tmp_path)

    def write(path, text):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    return write


def closure(*modules):
    return [path.relative_to(digests.ROOT).as_posix() for path in imported_source_files(*modules)]


def test_a_closure_follows_imports_strings_and_packages(tree):
    tree("bench/__init__.py", '"""Words."""')
    tree("bench/a.py", "import numpy\nfrom bench import b\ndef f():\n    import models.c\n")
    tree("bench/b.py", 'TARGET = "merge_impls.d:NAME"')
    tree("models/__init__.py", "x = 1")
    tree("models/c.py", "from typing import Any")
    tree("merge_impls/d.py", "")
    tree("bench/other.py", "x = 1")
    assert closure("bench.a") == ["bench/a.py", "bench/b.py", "models/__init__.py", "models/c.py"]
    tree("merge_impls/d.py", "NAME = 1")
    assert "merge_impls/d.py" in closure("bench.a")


def test_imports_for_type_checkers_alone_are_not_followed(tree):
    tree("bench/a.py", "if TYPE_CHECKING:\n    import bench.b\nelse:\n    import bench.c\n")
    tree("bench/b.py", "x = 1")
    tree("bench/c.py", "x = 1")
    assert closure("bench.a") == ["bench/a.py", "bench/c.py"]


def test_a_file_that_scans_its_folder_imports_all_of_it(tree):
    tree(
        "bench/many/__init__.py", "from pkgutil import iter_modules\nfound = iter_modules(__path__)"
    )
    tree("bench/many/one.py", "x = 1")
    tree("bench/many/two/__init__.py", "import bench.three")
    tree("bench/three.py", "x = 1")
    assert len(closure("bench.many")) == 4


def test_sources_are_known_by_place_and_bytes(tree):
    tree("bench/a.py", "x = 1")
    tree("models/a.py", "x = 1")
    first, second = digests.ROOT / "bench/a.py", digests.ROOT / "models/a.py"
    known = source_files_digest([first])
    assert source_files_digest([second]) != known
    tree("bench/a.py", "x = 2")
    assert source_files_digest([first]) != known
