"""``merge-impls run`` writes the labels and the table of segments of affinities in any file format."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.cli import main
from merge_impls.commands import run as run_module
from merge_impls.commands.arguments import read_offsets

COMMAND = Path(sys.executable).with_name("merge-impls")
OFFSETS = [(0, 1), (1, 0), (-1, 0), (3, -3), (0, -5)]
TYPED = "0,1 1,0 -1,0 3,-3 0,-5"

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture(scope="module")
def expected(user_affinities):
    """The labels, computed by a loop over the channels without ``canonical``."""
    fixed = user_affinities.astype(np.uint16) * 257
    down = fixed[1].astype(float)
    down[:-1] = np.rint((down[:-1] + fixed[2][1:]) / 2)
    right = np.zeros((18, 24), np.uint16)
    right[:, :-5] = fixed[4][:, 5:]
    stack = np.stack([fixed[0], down.astype(np.uint16), fixed[3], right])
    offsets = [(0, 1), (1, 0), (3, -3), (0, 5)]
    return merge(MergeProblem.from_grid(stack, offsets, [0] * 4, [0.6])).labels


def run(*arguments):
    assert main(["run", *map(str, arguments)]) == 0


def labels(out="out"):
    found = np.load(Path(out) / "labels.npy")
    assert found.dtype == np.int32
    return found


def as_npz(affinities):
    np.savez("in.npz", affinities=affinities, offsets=OFFSETS, thresholds=[0.6], stages=[0] * 5)
    return ["in.npz"]


def as_npy(affinities):
    np.save("in.npy", affinities)
    return ["in.npy", "--offsets", TYPED, "--thresholds", "0.6"]


def as_npz_with_one_array(affinities):
    np.savez("in.npz", affinities)
    return ["in.npz", "--offsets", TYPED, "--thresholds", "0.6", "--stages", "0,0,0,0,0"]


def as_hdf5(affinities):
    h5py = pytest.importorskip("h5py", reason="h5py reads .h5")
    with h5py.File("in.h5", "w") as file:
        file["volumes/affs"] = affinities
        file["volumes/offsets"] = OFFSETS
    return ["in.h5", "--key", "volumes/affs", "--thresholds", "0.6"]


def as_zarr_group(affinities):
    zarr = pytest.importorskip("zarr", reason="zarr reads .zarr")
    zarr.save_group("in.zarr", affinities=affinities, offsets=np.array(OFFSETS))
    return ["in.zarr", "--thresholds", "0.6"]


def as_zarr_array(affinities):
    zarr = pytest.importorskip("zarr", reason="zarr reads .zarr")
    zarr.save_array("in.zarr", affinities)
    return ["in.zarr", "--thresholds", "0.6", "--offsets", TYPED]


def as_floats_with_channels_last(affinities):
    np.save("in.npy", np.moveaxis(affinities / 255, 0, -1))
    return ["in.npy", "--offsets", TYPED, "--thresholds", "0.6", "--layout", "channels_last"]


def as_boundaries(affinities):
    np.save("in.npy", 255 - affinities)
    return ["in.npy", "--offsets", TYPED, "--thresholds", "0.6", "--boundary"]


def as_offsets_in_a_text(affinities):
    Path("offsets.txt").write_text(TYPED.replace(" ", "\n") + "\n")
    np.save("in.npy", affinities)
    return ["in.npy", "--offsets", "offsets.txt", "--thresholds", "0.6"]


def as_offsets_in_json(affinities):
    Path("offsets.json").write_text(json.dumps(OFFSETS))
    np.save("in.npy", affinities)
    return ["in.npy", "--offsets", "offsets.json", "--thresholds", "0.6"]


def as_offsets_in_npy(affinities):
    np.save("offsets.npy", OFFSETS)
    np.save("in.npy", affinities)
    return ["in.npy", "--offsets", "offsets.npy", "--thresholds", "0.6"]


FORMS = [
    as_npz,
    as_npy,
    as_npz_with_one_array,
    as_hdf5,
    as_zarr_group,
    as_zarr_array,
    as_floats_with_channels_last,
    as_boundaries,
    as_offsets_in_a_text,
    as_offsets_in_json,
    as_offsets_in_npy,
]


@pytest.mark.parametrize("form", FORMS)
def test_the_same_affinities_in_any_form_give_the_same_labels(form, user_affinities, expected):
    run(*form(user_affinities), "--out", "out")
    np.testing.assert_array_equal(labels(), expected)
    assert sorted(path.name for path in Path("out").iterdir()) == ["labels.npy", "segments.csv"]


def test_the_installed_command_prints_a_one_line_summary(user_affinities, expected):
    done = subprocess.run(
        [COMMAND, "run", *as_npz(user_affinities / 255), "--out", "out"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    read, line = done.stdout.splitlines()
    assert read == "read: offsets (5x2), stages (5), thresholds (1) beside the affinities in in.npz"
    assert f"{expected.max()} segments" in line
    assert "432 foreground pixels of 18 x 24" in line and "backend c" in line


def test_assumptions_are_printed(user_affinities, capsys):
    np.save("in.npy", user_affinities)
    run("in.npy", "--offsets", TYPED, "--out", "out")
    lines = capsys.readouterr().out.splitlines()
    assert "thresholds 0.97, 0.7, 0.3 and stages by distance" in lines[0]
    assert lines[1] == "assumed: 255 in uint8 stands for 1; the largest value is 254"


def test_options_replace_arrays_of_the_file(user_affinities):
    np.savez(
        "in.npz",
        affinities=user_affinities,
        offsets=OFFSETS,
        thresholds=[1.0],
        stages=[0] * 5,
        mask=np.zeros((18, 24), bool),
    )
    run("in.npz", "--out", "strict")
    assert not labels("strict").any()
    np.save("mask.npy", np.ones((18, 24), np.uint8))
    run("in.npz", "--thresholds", "0.6", "--mask", "mask.npy", "--out", "out")
    run(*as_npy(user_affinities), "--out", "plain")
    np.testing.assert_array_equal(labels(), labels("plain"))


def test_a_mask_can_be_a_named_array_of_another_file(user_affinities):
    mask = np.indices((18, 24)).sum(axis=0) % 7
    np.savez("masks.npz", other=mask * 0, inside=mask)
    run(*as_npz(user_affinities), "--mask", "masks.npz:inside", "--out", "out")
    np.testing.assert_array_equal(labels() > 0, mask != 0)


@pytest.mark.parametrize("backend", ["networkx", "heap", "numba", "c"])
def test_every_backend_merges_3_d_affinities(backend):
    values = np.random.default_rng(1).random((3, 4, 5, 6)).astype(np.float16)
    np.save("in.npy", values)
    typed = "-1,0,0 0,-1,0 0,0,-1"
    options = ["--thresholds", "0.6", "--linkage", "weighted", "--backend", backend]
    run("in.npy", "--offsets", typed, *options, "--out", "out")
    turned = np.zeros((3, 4, 5, 6), np.float32)
    turned[0, :-1], turned[1, :, :-1], turned[2, ..., :-1] = (
        values[0, 1:],
        values[1, :, 1:],
        values[2, ..., 1:],
    )
    problem = MergeProblem.from_grid(
        turned, np.eye(3, dtype=int), [0] * 3, [0.6], linkage="weighted"
    )
    np.testing.assert_array_equal(labels(), merge(problem, backend).labels)


def test_segments_below_min_size_are_left_out_of_both_files(user_affinities, capsys):
    run(*as_npz(user_affinities), "--min-size", "100", "--out", "out")
    sizes = np.bincount(labels().ravel())[1:]
    assert len(sizes) == 4 and (sizes >= 100).all()
    assert len(Path("out/segments.csv").read_text().splitlines()) == 5
    run(*as_npz(user_affinities), "--thresholds", "1.0", "--min-size", "9", "--out", "none")
    assert not labels("none").any()
    assert "0 segments (432 of fewer than 9 pixels left out)" in capsys.readouterr().out


def test_files_are_overwritten_only_with_force(user_affinities, refused):
    run(*as_npz(user_affinities), "--out", "out")
    before = labels()
    arguments = [*as_npz(user_affinities), "--thresholds", "1.0", "--out", "out"]
    assert "--force" in refused(*arguments)
    np.testing.assert_array_equal(labels(), before)
    run(*arguments, "--force")
    assert labels().max() == 432


def test_a_folder_named_like_an_output_file_is_refused(user_affinities, refused):
    Path("out/labels.npy").mkdir(parents=True)
    for force in ([], ["--force"]):
        line = refused(*as_npz(user_affinities), *force, "--out", "out")
        assert "out/labels.npy is not a file" in line
    assert [path.name for path in Path("out").rglob("*")] == ["labels.npy"]


@pytest.mark.parametrize("typed", ["0, 1 1 ,0", "0 , 1\n1,0", " 0,1 1,0 "])
def test_offsets_may_have_spaces_around_their_commas(typed):
    assert read_offsets(typed) == [[0, 1], [1, 0]]


def test_offsets_that_begin_with_a_minus_follow_an_equals_sign(user_affinities):
    np.save("in.npy", user_affinities[2:3])
    run("in.npy", "--offsets=-1,0", "--thresholds", "0.6", "--out", "out")
    assert labels().max() > 1


@pytest.mark.parametrize("typed", ["0,,1 1,0", "1-2,0", "0,", "-", "list"])
def test_bad_offsets_are_one_line_that_names_the_option(user_affinities, refused, typed):
    np.save("in.npy", user_affinities)
    line = refused("in.npy", f"--offsets={typed}", "--out", "out")
    assert line.startswith(f"merge-impls run: --offsets: {typed!r} ")


def test_a_deeply_nested_list_of_offsets_is_refused(user_affinities, refused):
    np.save("in.npy", user_affinities)
    Path("deep.json").write_text("[" * 100_000)
    assert "--offsets: deep.json is not a list of offsets" in refused(
        "in.npy", "--offsets", "deep.json", "--out", "out"
    )


def test_affinities_of_an_npz_are_decompressed_once(user_affinities, monkeypatch):
    read = []
    plain = np.lib.npyio.NpzFile.__getitem__
    monkeypatch.setattr(
        np.lib.npyio.NpzFile,
        "__getitem__",
        lambda file, name: read.append(name) or plain(file, name),
    )
    run(*as_npz(user_affinities), "--out", "out")
    assert sorted(read) == ["affinities", "offsets", "stages", "thresholds"]


def test_if_one_file_cannot_be_written_both_stay_as_they_were(
    user_affinities, monkeypatch, refused
):
    run(*as_npz(user_affinities), "--out", "out")
    before = {path: path.read_bytes() for path in Path("out").iterdir()}

    def full(path, result):
        path.write_text("half a ta")
        raise OSError("no space left on device")

    monkeypatch.setattr(run_module, "write_segments_table", full)
    arguments = [*as_npz(user_affinities), "--thresholds", "1.0", "--force", "--out", "out"]
    assert "no space left" in refused(*arguments)
    assert {path: path.read_bytes() for path in Path("out").iterdir()} == before


@pytest.mark.parametrize(("pixels", "name"), [((64, 64), "labels.npy"), ((8, 8), "segments.csv")])
def test_a_full_disk_names_the_file_that_was_too_large(tmp_path, pixels, name):
    """Files of 1 KiB can be written: labels of 64 pixels, but no table of 64 segments."""
    np.save(tmp_path / "in.npy", np.zeros((1, *pixels), np.uint8))
    command = [sys.executable, "-m", "merge_impls", "run", "in.npy", "--offsets", "0,1"]
    limited = ["bash", "-c", 'ulimit -f 1; "$@"', "bash", *command, "--out", "out"]
    done = subprocess.run(limited, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"{name} cannot be written" in done.stderr
    assert not [*tmp_path.glob("out/*")]
