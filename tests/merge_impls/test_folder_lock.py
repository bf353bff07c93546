"""A folder is locked by one process at a time; the lock ends with the process."""

import os
import signal
import subprocess
import sys

import pytest

from merge_impls import folder_lock
from merge_impls.cli import main
from merge_impls.file_writing import remove_old_partial_files, remove_partial_files
from merge_impls.folder_lock import FolderInUse, lock_folder, locked_folder, locked_folders

HOLDING = """
import sys
from pathlib import Path
from merge_impls.folder_lock import locked_folder
with locked_folder(Path(sys.argv[1]), print):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that has locked the folder ``out``."""
    command = [sys.executable, "-c", HOLDING, tmp_path / "out"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def refuse(line):
    raise AssertionError(line)


def test_a_second_process_is_refused_until_the_first_is_killed(holder, tmp_path):
    with pytest.raises(FolderInUse) as refused, locked_folder(tmp_path / "out", refuse):
        pass
    assert str(refused.value).startswith(f"{tmp_path / 'out'} is in use by another run; ")
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with locked_folder(tmp_path / "out", refuse):
        pass


def test_run_is_refused_in_one_line_while_the_folder_is_locked(holder, tmp_path, capsys):
    out = tmp_path / "out"
    code = main(["run", str(tmp_path / "absent.npy"), "--out", str(out)])
    (line,) = capsys.readouterr().err.splitlines()
    assert code == 2 and line.startswith(f"merge-impls run: {out} is in use by another run")
    assert not list(out.iterdir())


def test_a_folder_that_stays_empty_is_removed_with_those_above_it(tmp_path):
    with locked_folder(tmp_path / "a" / "b", refuse):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())
    (tmp_path / "old").mkdir()
    with locked_folder(tmp_path / "old", refuse):
        pass
    with locked_folder(tmp_path / "used" / "b", refuse):
        (tmp_path / "used" / "file").touch()
    assert {path.name for path in tmp_path.iterdir()} == {"old", "used"}


def test_old_partial_files_of_a_live_run_are_left(holder, tmp_path):
    of_live_run = tmp_path / "out" / ".a.png.12345678.partial"
    left = tmp_path / ".a.png.12345678.partial"
    for path in (of_live_run, left):
        path.touch()
        os.utime(path, (0, 0))
    remove_old_partial_files(tmp_path, seconds=60)
    assert of_live_run.exists() and not left.exists()


def test_equal_folders_are_locked_once(tmp_path):
    with locked_folders([tmp_path, tmp_path / "a" / ".."], refuse), pytest.raises(FolderInUse):
        lock_folder(tmp_path)


def test_where_no_lock_exists_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(folder_lock, "lock_folder", lambda folder: None)
    lines = []
    with locked_folder(tmp_path, lines.append):
        pass
    assert len(lines) == 1 and "cannot be locked" in lines[0]


def test_only_partial_files_are_removed(tmp_path):
    kept = [tmp_path / "units" / "a.npz", tmp_path / ".hidden", tmp_path / "a.partial"]
    kept += [tmp_path / ".notes.partial", tmp_path / ".my.notes.partial"]  # a user's files
    kept += [
        tmp_path / "units" / ".a.npz.12345678.partial"
    ]  # of another run, into the folder units
    left = [tmp_path / ".records.jsonl.x1y2_abc.partial"]
    (tmp_path / "units").mkdir()
    for path in (*kept, *left):
        path.touch()
    remove_partial_files(tmp_path)
    assert all(path.exists() for path in kept) and not any(path.exists() for path in left)
