"""``merge-impls run`` says which arrays beside the affinities it uses, and options leave them out."""

from pathlib import Path

import numpy as np
import pytest

from merge_impls.cli import main

TYPED = "0,1 1,0 -1,0 3,-3 0,-5"

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def labels(user_affinities, capsys):
    """A function that merges a file with a mask, stages and thresholds; returns the labels and the output."""
    mask = np.ones((18, 24), bool)
    mask[:, :12] = False
    stages, thresholds = [0, 0, 0, 1, 1], [0.9, 0.6]
    companions = {"mask": mask, "stages": stages, "thresholds": thresholds}
    np.savez("in.npz", affinities=user_affinities, **companions)
    np.save("plain.npy", user_affinities)

    def run(*arguments):
        assert main(["run", *arguments, "--offsets", TYPED, "--out", "out", "--force"]) == 0
        return np.load("out/labels.npy"), capsys.readouterr().out

    return run


def test_what_is_read_beside_the_affinities_is_said(labels):
    found, output = labels("in.npz")
    line = "read: stages (5), thresholds (2), mask (18x24) beside the affinities in in.npz"
    assert line in output.splitlines()
    assert not found[:, :12].any() and found[:, 12:].all()


def test_the_options_no_leave_out_the_arrays_of_the_file(labels):
    found, output = labels("in.npz", "--no-mask", "--no-stages", "--no-thresholds")
    expected, _ = labels("plain.npy")
    assert "read: " not in output
    np.testing.assert_array_equal(found, expected)
    assert found.all()


def test_an_array_that_an_option_replaces_is_not_read(labels):
    _, output = labels("in.npz", "--no-mask", "--thresholds", "0.5 0.4")
    assert "read: stages (5) beside the affinities in in.npz" in output.splitlines()


def test_an_option_and_its_opposite_exclude_each_other(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "in.npz", "--mask", "m.npy", "--no-mask", "--out", "out"])
    assert stopped.value.code == 2
    assert "not allowed with argument --mask" in capsys.readouterr().err


def test_a_group_in_the_place_of_a_companion_is_refused(user_affinities, refused):
    h5py = pytest.importorskip("h5py", reason="h5py reads .h5")
    with h5py.File("in.h5", "w") as file:
        file["volumes/affs"] = user_affinities
        file["volumes/mask/labels"] = np.ones((18, 24), bool)
        file["volumes/offsets/all"] = np.zeros((5, 2))
    arguments = ["in.h5", "--key", "volumes/affs", "--out", "out"]
    assert "'volumes/offsets' is a group, but an array" in refused(*arguments)
    line = refused(*arguments, "--offsets", TYPED)
    assert "'volumes/mask' is a group" in line and "give --mask or --no-mask" in line
    assert main(["run", *arguments, "--offsets", TYPED, "--thresholds", "0.6", "--no-mask"]) == 0
    assert Path("out/labels.npy").exists()


def test_a_zarr_group_in_the_place_of_the_mask_is_refused(user_affinities, refused):
    zarr = pytest.importorskip("zarr", reason="zarr reads .zarr")
    zarr.save_group("in.zarr", affinities=user_affinities)
    zarr.save_group("in.zarr/mask", inner=user_affinities)
    assert "'mask' is a group" in refused("in.zarr", "--offsets", TYPED, "--out", "out")


@pytest.mark.parametrize("key", ["v/a/", "/v/a", "v//a", "v/a"])
@pytest.mark.parametrize("name", ["in.h5", "in.zarr"])
def test_slashes_in_a_key_do_not_hide_the_companions(user_affinities, capsys, name, key):
    arrays = {"a": user_affinities, "offsets": [[0, 1], [1, 0], [-1, 0], [3, -3], [0, -5]]}
    arrays |= {"stages": [1, 0, 0, 1, 1], "thresholds": [0.9, 0.6], "mask": np.eye(18, 24) > 0}
    if name == "in.zarr":
        zarr = pytest.importorskip("zarr", reason="zarr reads .zarr")
        zarr.open_group("in.zarr", mode="w")
        zarr.save_group("in.zarr/v", **{each: np.array(array) for each, array in arrays.items()})
    else:
        h5py = pytest.importorskip("h5py", reason="h5py reads .h5")
        with h5py.File(name, "w") as file:
            for each, array in arrays.items():
                file[f"v/{each}"] = array
    assert main(["run", name, "--key", key, "--out", "out"]) == 0
    line = "read: offsets (5x2), stages (5), thresholds (2), mask (18x24) beside the affinities in"
    assert line in capsys.readouterr().out


def test_a_key_of_slashes_alone_is_refused(user_affinities, refused):
    h5py = pytest.importorskip("h5py", reason="h5py reads .h5")
    with h5py.File("in.h5", "w") as file:
        file["a"] = user_affinities
    line = refused("in.h5", "--key", "/", "--offsets", TYPED, "--out", "out")
    assert "'/' names the whole file; name one of 'a'" in line


@pytest.mark.parametrize("shards", [None, (5, 9, 24)])
def test_zarr_chunks_that_are_not_stored_are_counted(user_affinities, capsys, shards):
    zarr = pytest.importorskip("zarr", reason="zarr reads .zarr")
    array = zarr.create_array(
        "in.zarr", shape=user_affinities.shape, chunks=(1, 9, 24), shards=shards, dtype="f4"
    )
    array[...] = user_affinities / np.float32(255)
    arguments = ["run", "in.zarr", "--offsets", TYPED, "--thresholds", "0.6", "--out", "out"]
    assert main(arguments) == 0
    assert "not stored" not in capsys.readouterr().out
    next(Path("in.zarr/c").rglob("0/0/0")).unlink()
    assert main([*arguments, "--force"]) == 0
    counted = "1 of 2 shards" if shards else "1 of 10 chunks"
    assert (
        f"note: {counted} of the array are not stored and are read as 0.0"
        in capsys.readouterr().out
    )
