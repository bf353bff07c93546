"""``merge-impls run`` and ``replay`` refuse files that would block, fill the memory or lead elsewhere."""

import json
import os
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import zarr

from merge_impls import MergeProblem
from merge_impls.affinity_files import read_affinities
from merge_impls.array_sizes import check_fits_memory, memory_of_machine
from merge_impls.cli import main
from merge_impls.problem_files import load_problem_and_notes, save_problem

pytestmark = pytest.mark.usefixtures("own_folder")

AFFINITIES = np.random.default_rng(0).random((2, 5, 6)).astype(np.float32)
OFFSETS = ("--offsets", "0,1 1,0", "--thresholds", "0.5")


def refusal(capsys, *arguments):
    """The one line on stderr of a command that refuses its input."""
    assert main(list(arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    return printed.err


@pytest.mark.parametrize("name", ["in.npy", "in.npz", "in.h5", "in.zarr"])
def test_a_fifo_and_a_device_are_refused_at_once(capsys, name):
    os.mkfifo(name)
    line = refusal(capsys, "run", name, "--out", "out")
    assert "is a FIFO, but only a regular file" in line and line.count(name) == 1
    Path(name).unlink()
    Path(name).symlink_to("/dev/zero")
    assert "is a device" in refusal(capsys, "run", name, *OFFSETS, "--out", "out")
    np.save("good.npy", AFFINITIES)
    line = refusal(capsys, "run", "good.npy", *OFFSETS, "--mask", name, "--out", "out")
    assert "is a device" in line and not Path("out").exists()


def test_a_fifo_in_a_zarr_is_refused_behind_links_too(capsys):
    zarr.save("in.zarr", AFFINITIES)
    Path("hidden").mkdir()
    os.mkfifo("hidden/c")
    Path("in.zarr/link").symlink_to(Path("hidden").resolve())
    Path("in.zarr/loop").symlink_to(Path("in.zarr").resolve())
    assert "link/c: is a FIFO" in refusal(capsys, "run", "in.zarr", *OFFSETS, "--out", "out")
    Path("in.zarr/link").unlink()
    assert main(["run", "in.zarr", *OFFSETS, "--out", "out"]) == 0


@pytest.mark.parametrize("name", ["o.npy", "o.json", "o.txt"])
def test_offsets_in_a_fifo_are_refused_at_once(capsys, name):
    np.save("in.npy", AFFINITIES)
    os.mkfifo(name)
    line = refusal(capsys, "run", "in.npy", "--offsets", name, "--out", "out")
    assert f"--offsets: {name}: is a FIFO" in line


@pytest.mark.parametrize("options", [(), ("--external-links",)])
def test_a_link_to_a_missing_array_is_refused_by_name(capsys, options):
    with h5py.File("in.h5", "w") as file:
        file["affinities"] = h5py.SoftLink("/gone")
    line = refusal(capsys, "run", "in.h5", *OFFSETS, "--out", "out", *options)
    assert "'affinities' is a link to '/gone', which is missing" in line


def test_a_dangling_link_of_a_companion_is_refused(capsys):
    with h5py.File("in.h5", "w") as file:
        file["affinities"] = AFFINITIES
        file["mask"] = h5py.SoftLink("/gone")
    assert "'mask' is a link to '/gone'" in refusal(
        capsys, "run", "in.h5", *OFFSETS, "--out", "out"
    )


def test_a_text_in_an_npz_is_not_called_a_group(capsys):
    with zipfile.ZipFile("in.npz", "w") as archive:
        archive.writestr("a.txt", "text")
    line = refusal(capsys, "run", "in.npz", *OFFSETS, "--out", "out")
    assert "'a.txt' is a file in the archive but not an array" in line


def test_an_offset_of_more_than_64_bits_is_quoted(capsys):
    np.save("in.npy", AFFINITIES)
    line = refusal(capsys, "run", "in.npy", "--offsets", f"0,{10**20} 1,0", "--out", "out")
    assert str(10**20) in line and "does not fit" in line


def test_a_saved_problem_may_not_be_a_fifo(capsys):
    os.mkfifo("p.npz")
    assert "is a FIFO" in refusal(capsys, "replay", "p.npz", "--backend", "c")


def external_link(file):
    file["affinities"] = h5py.ExternalLink("other.h5", "/affinities")


def external_link_behind_a_soft_link(file):
    file["group/outside"] = h5py.ExternalLink("other.h5", "/")
    file["affinities"] = h5py.SoftLink("/group/outside/affinities")


def virtual_dataset(file):
    layout = h5py.VirtualLayout(AFFINITIES.shape, np.float32)
    layout[...] = h5py.VirtualSource("other.h5", "affinities", AFFINITIES.shape)
    file.create_virtual_dataset("affinities", layout)


def external_storage(file):
    Path("raw").write_bytes(AFFINITIES.tobytes())
    place = [("raw", 0, AFFINITIES.nbytes)]
    file.create_dataset("affinities", AFFINITIES.shape, np.float32, external=place)


@pytest.mark.parametrize(
    "write",
    [external_link, external_link_behind_a_soft_link, virtual_dataset, external_storage],
)
def test_values_in_other_hdf5_files_are_read_only_if_allowed(capsys, write):
    with h5py.File("other.h5", "w") as file:
        file["affinities"] = AFFINITIES
    with h5py.File("in.h5", "w") as file:
        write(file)
    line = refusal(capsys, "run", "in.h5", "--key", "affinities", *OFFSETS, "--out", "out")
    assert "another file, " in line and "--external-links" in line
    options = (*OFFSETS, "--external-links", "--out", "out")
    assert main(["run", "in.h5", "--key", "affinities", *options]) == 0
    found = read_affinities(Path("in.h5"), "affinities", external_links=True)
    np.testing.assert_array_equal(found["affinities"], AFFINITIES)


def test_soft_links_within_an_hdf5_file_are_followed_and_loops_end(capsys):
    with h5py.File("in.h5", "w") as file:
        file["deep/down/values"] = AFFINITIES
        file["deep/affinities"] = h5py.SoftLink("down/values")
        file["affinities"] = h5py.SoftLink("/deep/affinities")
        file["loop"] = h5py.SoftLink("/loop")
    found = read_affinities(Path("in.h5"))
    np.testing.assert_array_equal(found["affinities"], AFFINITIES)
    line = refusal(capsys, "run", "in.h5", "--key", "loop", *OFFSETS, "--out", "out")
    assert "more than 100 links" in line or "no array 'loop'" in line


def test_arrays_larger_than_the_memory_are_refused_before_reading(capsys):
    with h5py.File("in.h5", "w") as file:
        file.create_dataset("affinities", (2, 10**7, 10**7), np.float32, chunks=(1, 1024, 1024))
    assert "GiB, but the memory is" in refusal(capsys, "run", "in.h5", *OFFSETS, "--out", "out")
    zarr.create_array("in.zarr", shape=(2, 10**7, 10**7), chunks=(1, 1000, 1000), dtype="f4")
    assert "GiB, but the memory is" in refusal(capsys, "run", "in.zarr", *OFFSETS, "--out", "out")
    assert memory_of_machine() > 2**20
    check_fits_memory("a", (2**20,), 1)


def test_an_archive_that_unpacks_to_more_than_the_memory_is_refused(capsys, monkeypatch):
    with zipfile.ZipFile("in.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("affinities.npy", bytes(2**22))
    monkeypatch.setattr("merge_impls.array_sizes.memory_of_machine", lambda: 2**22 - 1)
    for command in (("run", "in.npz", "--out", "out"), ("replay", "in.npz", "--backend", "c")):
        assert "its content takes 0.0 GiB, but the memory is 0.0 GiB" in refusal(capsys, *command)


def rewrite_head(name, **entries):
    """Change entries of the head of a saved problem."""
    with np.load(name) as file:
        arrays = dict(file)
    head = json.loads(str(arrays.pop("head"))) | entries
    np.savez(name, head=np.array(json.dumps(head)), **arrays)


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"notes": [1]}, "its notes are not a table"),
        ({"notes": {"way": {"threads": -1}}}, "its note 'way' has threads -1; expected 1 to 1000"),
        ({"notes": {"way": {"at_once": 10**9}}}, "has at_once 1000000000; expected 1 to 1000"),
        (
            {"num_vertices": 2**31 - 2},
            "the problem has 2,147,483,646 vertices, but at most 16,777,216",
        ),
        ({"num_vertices": 2**80}, "is not a saved problem"),
        ({"num_vertices": "many"}, "is not a saved problem"),
        ({"linkage": ["average"]}, "is not a saved problem"),
    ],
    ids=str,
)
def test_a_crafted_problem_is_refused_in_one_line(capsys, entries, reason):
    save_problem(Path("p.npz"), MergeProblem.from_edges(3, [(0, 1)], [0.7], [0], [0.5]))
    rewrite_head("p.npz", **entries)
    assert reason in refusal(capsys, "replay", "p.npz", "--backend", "c")


def test_a_check_without_a_backend_in_the_notes_is_replayed(capsys):
    save_problem(
        Path("p.npz"), MergeProblem.from_edges(3, [(0, 1)], [0.7], [0], [0.5]), check="law"
    )
    assert main(["replay", "p.npz", "--backend", "c"]) == 0
    assert "found by the check 'law' in a backend\n" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["in.npy", "in.npz", "in.h5", "p.npz"])
def test_random_damage_is_read_or_refused_in_one_line(name):
    """No exception but ValueError, whatever numpy, zipfile and h5py raise."""
    np.save("in.npy", AFFINITIES)
    np.savez("in.npz", affinities=AFFINITIES)
    with h5py.File("in.h5", "w") as file:
        file["affinities"] = AFFINITIES
    save_problem(Path("p.npz"), MergeProblem.from_edges(3, [(0, 1)], [0.7], [0], [0.5]))
    read = load_problem_and_notes if name == "p.npz" else read_affinities
    path, random, refused = Path(name), np.random.default_rng(1), 0
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    for _ in range(150):
        damaged = whole.copy()
        damaged[random.integers(0, len(whole), 4)] = random.integers(0, 256, 4)
        damaged[random.integers(0, min(len(whole), 128))] = random.integers(0, 256)
        path.write_bytes(damaged.tobytes())
        try:
            read(path)
        except ValueError as error:
            refused += "\n" not in str(error)
    assert refused > 10


def test_the_header_of_an_npy_that_is_no_python_is_refused(capsys):
    np.save("in.npy", AFFINITIES)
    content = Path("in.npy").read_bytes()
    Path("in.npy").write_bytes(content.replace(b"'descr'", b"'descr("))
    assert "in.npy cannot be read" in refusal(capsys, "run", "in.npy", *OFFSETS, "--out", "out")


def test_a_type_in_the_place_of_an_array_is_refused(capsys):
    with h5py.File("in.h5", "w") as file:
        file["affinities"] = np.dtype("f4")
    assert "in.h5 cannot be read" in refusal(capsys, "run", "in.h5", *OFFSETS, "--out", "out")
