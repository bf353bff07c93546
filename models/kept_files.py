"""Files that are kept between runs: content, key and checksum in one file, written in one step.

A kept file is a safetensors file, which any program for such files can read. Its metadata start with
``file_sha256``, the SHA-256 of all other bytes of the file. ``key`` names what the content depends on, and
``notes`` hold what is not an array. The affinity cache, the results of images, checkpoints and weights are
kept files.
"""

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

Arrays = TypeVar("Arrays")

LENGTH_BYTES = 8
"""The bytes at the start of a safetensors file that hold the length of its header."""

PARTIAL = ".partial"
"""The end of the names of temporary files, which begin with a dot."""

CHECKSUM_PREFIX = b'{"__metadata__":{"file_sha256":"'
"""The first bytes of the header of a kept file. The 64 digits of the checksum follow.

Entries of the cache of earlier versions have ``sha256`` instead, the checksum of their arrays alone.
"""

CHECKSUM_START = LENGTH_BYTES + len(CHECKSUM_PREFIX)
CHECKSUM_END = CHECKSUM_START + 64


class KeptFileWarning(UserWarning):
    """Warns that a kept file is damaged or cannot be written. The message is one line."""


class DamagedFileError(ValueError):
    """A kept file is damaged. The message is one line with the file and the reason.

    reason: the reason alone.
    """

    def __init__(self, path: Path, reason: str) -> None:
        self.reason = " ".join(reason.split())
        super().__init__(f"{path} is damaged ({self.reason})")


@dataclass(frozen=True)
class KeptFile(Generic[Arrays]):
    """The content of a kept file. notes: any values that JSON can hold."""

    key: dict[str, str]
    arrays: Arrays
    notes: dict[str, Any]


def read_kept_file(path: Path, load: Callable[[bytes], Arrays]) -> KeptFile[Arrays]:
    """Read a kept file. The checksum is compared before anything in the file is interpreted.

    load: makes the arrays from the bytes of a safetensors file.
    Raises ``DamagedFileError`` for a damaged file, and OSError for one that is missing or cannot be read.
    """
    return parse_kept_content(path, read_whole_file(path), load)


def read_whole_file(path: Path) -> bytes:
    """The bytes of a regular file. Raises OSError for any other file, such as a pipe or a folder."""
    with _open_regular_file(path) as file:
        return file.read()


def read_metadata(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file. Arrays are not read, and no checksum is compared.

    Raises ``DamagedFileError`` for a damaged file, and OSError for one that is missing or cannot be read.
    """
    with _open_regular_file(path) as file, damage_reported(path):
        start = file.read(LENGTH_BYTES)
        size = int.from_bytes(start, "little")
        if size > os.fstat(file.fileno()).st_size:
            raise ValueError("its header is longer than the file")
        metadata = parse_header(start + file.read(size))["__metadata__"]
        if not all(isinstance(text, str) for text in (*metadata.keys(), *metadata.values())):
            raise ValueError("its metadata are not texts")
        return dict(metadata)


def _open_regular_file(path: Path) -> BinaryIO:
    """Open a file to read. A named pipe without a writer is not waited for, but refused."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    kind = "a folder" if stat.S_ISDIR(mode) else "not a regular file"
    raise OSError(f"{path} cannot be read: it is {kind}; move it away")


def has_checksum(content: bytes) -> bool:
    """Whether the bytes of a file start as those of a kept file. Files of earlier versions do not."""
    return content.startswith(CHECKSUM_PREFIX, LENGTH_BYTES)


def load_with_or_without_checksum(
    path: Path, content: bytes, load: Callable[[bytes], Arrays]
) -> Arrays:
    """The arrays of a safetensors file of this or another program. A checksum, if it has one, is compared.

    content: the bytes of the file ``path``. Raises ``DamagedFileError`` for a damaged file.
    """
    if has_checksum(content):
        return parse_kept_content(path, content, load).arrays
    with damage_reported(path):
        arrays = load(content)
        if not parse_header(content).get("__metadata__", {}).keys().isdisjoint(("key", "notes")):
            raise ValueError("it has no checksum")
        return arrays


def parse_kept_content(
    path: Path, content: bytes, load: Callable[[bytes], Arrays]
) -> KeptFile[Arrays]:
    """Interpret the bytes of a kept file as ``read_kept_file`` does. path: the file, for the error."""
    if not has_checksum(content):
        raise DamagedFileError(path, "it has no checksum")
    if content[CHECKSUM_START:CHECKSUM_END] != _checksum(content):
        raise DamagedFileError(path, "the checksum does not match the content")
    with damage_reported(path):
        metadata = parse_header(content)["__metadata__"]
        key, notes = json.loads(metadata["key"]), json.loads(metadata["notes"])
        if not (isinstance(key, dict) and isinstance(notes, dict)):
            raise ValueError("key and notes are not tables")
        return KeptFile(key, load(content), notes)


@contextmanager
def damage_reported(path: Path) -> Iterator[None]:
    """Raise ``DamagedFileError`` for any exception except MemoryError. A crafted file may raise any."""
    try:
        yield
    except (DamagedFileError, MemoryError):
        raise
    except Exception as error:
        raise DamagedFileError(path, str(error) or type(error).__name__) from None


def _checksum(content: bytes) -> bytes:
    """The SHA-256 of a kept file, in hexadecimal digits. The digits in the file are left out."""
    total = hashlib.sha256(memoryview(content)[:CHECKSUM_START])
    total.update(memoryview(content)[CHECKSUM_END:])
    return total.hexdigest().encode()


def parse_header(content: bytes) -> dict[str, Any]:
    """The header of a safetensors file: the place of each array, by its name, and the metadata."""
    end = LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "little")
    header: dict[str, Any] = json.loads(content[LENGTH_BYTES:end])
    return header


def write_kept_file(
    path: Path, content: bytes, key: Mapping[str, str], notes: Mapping[str, Any] | None = None
) -> None:
    """Write a kept file completely or not at all.

    content: the bytes of a safetensors file without metadata. notes: any values that JSON can hold.
    Raises OSError if the file cannot be written; the message names ``path`` and what to do.
    """
    metadata = {
        "file_sha256": "0" * (CHECKSUM_END - CHECKSUM_START),
        "key": json.dumps(dict(key), sort_keys=True),
        "notes": json.dumps(dict(notes or {})),
    }
    table = {"__metadata__": metadata, **parse_header(content)}
    header = json.dumps(table, separators=(",", ":")).encode()
    header += b" " * (-len(header) % LENGTH_BYTES)  # the arrays begin at a multiple of 8 bytes
    arrays = content[LENGTH_BYTES + int.from_bytes(content[:LENGTH_BYTES], "little") :]
    kept = len(header).to_bytes(LENGTH_BYTES, "little") + header + arrays
    write_in_one_step(path, kept[:CHECKSUM_START] + _checksum(kept) + kept[CHECKSUM_END:])


# merge_impls.file_writing takes the same steps. models imports nothing of merge_impls, so both stay.
# Temporary files have names of one form, so that merge_impls can remove all of them.
def write_in_one_step(path: Path, content: bytes) -> None:
    """Write a file beside ``path``, flush it to the disk, and rename it to ``path``.

    Raises OSError if the file cannot be written; the message names ``path`` and what to do.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(PARTIAL, f".{path.name}.", path.parent)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(partial, 0o644)
            os.replace(partial, path)
        finally:
            Path(partial).unlink(missing_ok=True)
    except OSError as error:
        reason = f"{error.strerror or error}; free space or choose another folder"
        if path.is_dir():
            reason = "it is a folder; move it away"
        raise OSError(f"{path} cannot be written: {reason}") from None
