"""A kept file gives back exactly what was written, or an error of one line; no damage goes unnoticed."""

import errno
import os

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load, save

from models import kept_files
from models.kept_files import (
    DamagedFileError,
    load_with_or_without_checksum,
    read_kept_file,
    read_metadata,
    write_in_one_step,
    write_kept_file,
)

ARRAYS = {
    "count": np.array(7),
    "half": np.arange(5, dtype=np.float16),
    "flags": np.array([[True, False, True]]),
}
KEY, NOTES = {"image": "a näme"}, {"losses": [0.1, 1 / 3], "nothing": None}


@pytest.fixture
def path(tmp_path):
    write_kept_file(tmp_path / "deep" / "kept", save(ARRAYS), KEY, NOTES)
    return tmp_path / "deep" / "kept"


def error_of_reading(path):
    """The error message for a damaged file, after a check that it is one line and names the file."""
    with pytest.raises(DamagedFileError) as error:
        read_kept_file(path, load)
    message = str(error.value)
    assert message.startswith(f"{path} is damaged (") and "\n" not in message
    return message


def assert_same_arrays(found):
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert np.array_equal(found[name], array)


def test_key_notes_and_arrays_come_back(path):
    kept = read_kept_file(path, load)
    assert (kept.key, kept.notes) == (KEY, NOTES)
    assert_same_arrays(kept.arrays)
    assert list(path.parent.iterdir()) == [path]


def test_other_programs_read_the_arrays_from_aligned_places(path):
    with safe_open(path, framework="numpy") as file:
        assert_same_arrays({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
        assert file.metadata() == read_metadata(path)
    assert int.from_bytes(path.read_bytes()[:8], "little") % 8 == 0


def test_the_same_content_makes_the_same_file(path):
    before = path.read_bytes()
    write_kept_file(path, save(ARRAYS), KEY, NOTES)
    assert path.read_bytes() == before


def test_no_flipped_bit_goes_unnoticed(path):
    whole = path.read_bytes()
    for place in range(8 * len(whole)):
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
        error_of_reading(path)
        with pytest.raises(DamagedFileError):
            load_with_or_without_checksum(path, bytes(content), load)


def test_no_cut_and_no_addition_goes_unnoticed(path):
    whole = path.read_bytes()
    for content in [*(whole[:end] for end in range(len(whole))), whole + b"\0", b"\0" + whole]:
        path.write_bytes(content)
        error_of_reading(path)
        with pytest.raises(DamagedFileError):
            load_with_or_without_checksum(path, content, load)


def test_a_file_of_another_program_has_no_checksum(path):
    for metadata in (None, {"format": "pt"}):
        path.write_bytes(save(ARRAYS, metadata))
        assert "it has no checksum" in error_of_reading(path)
        assert_same_arrays(load_with_or_without_checksum(path, path.read_bytes(), load))


@pytest.mark.parametrize("content", [b"[]", b"null", b'{"__metadata__": []}', b"{" * 5000, b"\xff"])
def test_a_crafted_header_is_an_error_of_one_line(path, content):
    path.write_bytes(len(content).to_bytes(8, "little") + content)
    error_of_reading(path)
    with pytest.raises(DamagedFileError):
        load_with_or_without_checksum(path, path.read_bytes(), load)
    with pytest.raises(DamagedFileError):
        read_metadata(path)


@pytest.mark.parametrize("key", ["[]", "a", "{", '{"a": 1'])
def test_a_crafted_key_with_a_right_checksum_is_an_error(path, key, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(
            kept_files.json,
            "dumps",
            lambda value, real=kept_files.json.dumps, **how: (
                real({**value, "__metadata__": {**value["__metadata__"], "key": key}}, **how)
                if "__metadata__" in value
                else real(value, **how)
            ),
        )
        write_kept_file(path, save(ARRAYS), KEY)
    error_of_reading(path)


def test_a_named_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for read in (lambda path: read_kept_file(path, load), read_metadata):
        with pytest.raises(OSError, match="pipe cannot be read: it is not a regular file"):
            read(tmp_path / "pipe")


def test_a_folder_in_place_of_a_file_is_named_with_the_remedy(tmp_path):
    (tmp_path / "kept").mkdir()
    for read in (lambda path: read_kept_file(path, load), read_metadata):
        with pytest.raises(OSError, match="kept cannot be read: it is a folder; move it away"):
            read(tmp_path / "kept")
    with pytest.raises(OSError, match="kept cannot be written: it is a folder; move it away"):
        write_in_one_step(tmp_path / "kept", b"new")


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_full_disk_is_an_error_of_one_line_and_loses_nothing(path, monkeypatch, function):
    before = path.read_bytes()

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(OSError, match="No space left on device; free space or choose") as error:
        write_in_one_step(path, b"new")
    assert str(error.value).startswith(f"{path} cannot be written: ")
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


def test_a_file_in_place_of_a_folder_is_named(path):
    with pytest.raises(OSError, match=f"{path / 'below'} cannot be written: "):
        write_in_one_step(path / "below", b"new")


def test_what_is_renamed_was_flushed_before(tmp_path, monkeypatch):
    calls = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(
            os, name, lambda *given, name=name, real=real: calls.append(name) or real(*given)
        )
    write_in_one_step(tmp_path / "file", b"content")
    assert calls == ["fsync", "replace"]
