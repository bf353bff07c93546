"""Wrong use of ``merge-impls run`` gives a one-line error and an exit code, and leaves no files behind."""

import sys
from pathlib import Path

import numpy as np
import pytest

from merge_impls import MergeProblem
from merge_impls.cli import main
from merge_impls.problem_files import save_problem

TYPED = "0,1 1,0 -1,0 3,-3 0,-5"

pytestmark = pytest.mark.usefixtures("own_folder")


def cut_file_in_half(name):
    content = Path(name).read_bytes()
    Path(name).write_bytes(content[: len(content) // 2])


def write_bad_files(affinities):
    np.savez("in.npz", affinities=affinities)
    cut_file_in_half("in.npz")
    np.save("half.npy", affinities)
    cut_file_in_half("half.npy")
    Path("text.npz").write_text("affinities")
    Path("empty.npy").touch()
    np.savez("two.npz", a=affinities, b=affinities)
    np.save("objects.npy", np.array([{}, []], object), allow_pickle=True)
    np.save("flat.npy", affinities[0])
    np.save("good.npy", affinities)
    np.save("logits.npy", affinities - 100.0)
    Path("offsets.txt").write_text("0,1 1;0")


BAD = {
    "half an npz": (["in.npz"], "in.npz cannot be read"),
    "half an npy": (["half.npy"], "half.npy cannot be read"),
    "text for an npz": (["text.npz"], "text.npz cannot be read: it is not an npy or npz file"),
    "nothing": (["empty.npy"], "empty.npy cannot be read"),
    "objects": (["objects.npy"], "objects.npy cannot be read"),
    "no file": (["none.npy"], "none.npy does not exist"),
    "an image": (["street.png"], "street.png has an unknown ending; known are .npz, .npy, .h5"),
    "no such array": (["two.npz"], "no array 'affinities'; name one of 'a', 'b'"),
    "another key": (["two.npz", "--key", "c"], "no array 'c'; name one of 'a', 'b'"),
    "a key of what has none": (
        ["good.npy", "--key", "a"],
        "one unnamed array, so it takes no key; got 'a'",
    ),
    "no offsets": (["good.npy"], "affinities (5, 18, 24) and no offsets; give the offset of"),
    "fewer offsets": (["good.npy", "--offsets", "0,1 1,0"], "no axis of 2 channels"),
    "offsets in no file": (["good.npy", "--offsets", "list"], "'list' is neither a file nor"),
    "a bad list": (
        ["good.npy", "--offsets", "offsets.txt"],
        "offsets.txt is not a list of offsets",
    ),
    "ragged offsets": (["good.npy", "--offsets", "0,1 1"], "offsets is ragged"),
    "one axis too few": (["flat.npy", "--offsets", TYPED], "affinities must have 3 axes"),
    "logits": (["logits.npy", "--offsets", TYPED], "must be in [0, 1]"),
    "no mask": (["good.npy", "--offsets", TYPED, "--mask", "m.npy"], "m.npy does not exist"),
    "no such mask": (
        ["good.npy", "--offsets", TYPED, "--mask", "two.npz:m"],
        "no array 'm'; name one of 'a', 'b'",
    ),
    "a mask of another shape": (
        ["good.npy", "--offsets", TYPED, "--mask", "good.npy"],
        "mask must have the grid's shape (18, 24)",
    ),
    "two thresholds": (
        ["good.npy", "--offsets", TYPED, "--thresholds", "0.9 0.5"],
        "2 thresholds without stages",
    ),
    "an unknown backend": (
        ["good.npy", "--offsets", TYPED, "--backend", "rust"],
        "'rust' is unknown",
    ),
}


@pytest.mark.parametrize("mistake", BAD)
def test_a_mistake_is_a_one_line_error_and_leaves_no_folder(mistake, user_affinities, refused):
    write_bad_files(user_affinities)
    arguments, expected = BAD[mistake]
    assert expected in refused(*arguments, "--out", "out")
    assert not Path("out").exists()


def test_a_damaged_hdf5_file_is_a_one_line_error(user_affinities, refused):
    h5py = pytest.importorskip("h5py", reason="h5py reads .h5")
    with h5py.File("in.h5", "w") as file:
        file["affinities"] = user_affinities
    cut_file_in_half("in.h5")
    assert "in.h5 cannot be read" in refused("in.h5", "--out", "out")


def test_a_damaged_zarr_folder_is_a_one_line_error(user_affinities, refused):
    zarr = pytest.importorskip("zarr", reason="zarr reads .zarr")
    zarr.save_group("in.zarr", affinities=user_affinities)
    chunks = [path for path in Path("in.zarr/affinities/c").rglob("*") if path.is_file()]
    for chunk in chunks:
        chunk.write_bytes(b"no chunk")
    assert chunks and "in.zarr cannot be read" in refused("in.zarr", "--out", "out")
    Path("file.zarr").touch()
    assert "file.zarr cannot be read" in refused("file.zarr", "--out", "out")


def test_a_group_in_the_place_of_an_array_is_refused(user_affinities, refused):
    h5py = pytest.importorskip("h5py", reason="h5py reads .h5")
    with h5py.File("in.h5", "w") as file:
        file["volumes/affs"] = user_affinities
    line = refused("in.h5", "--key", "volumes", "--out", "out")
    assert "'volumes' is a group; name one of 'volumes/affs'" in line


def test_a_saved_problem_in_the_place_of_affinities_is_refused(user_affinities, refused):
    problem = MergeProblem.from_grid(user_affinities[:1] / 255, [(0, 1)], [0], [0.6])
    save_problem(Path("in.npz"), problem)
    assert "merge-impls replay" in refused("in.npz", "--out", "out")


def test_an_output_folder_named_like_a_file_is_refused(user_affinities, refused):
    np.save("in.npy", user_affinities)
    arguments = ["in.npy", "--offsets", TYPED, "--out"]
    assert "--out is a folder" in refused(*arguments, "labels.npy")
    assert "in.npy is a file" in refused(*arguments, "in.npy")


@pytest.mark.parametrize(("library", "name"), [("h5py", "in.h5"), ("zarr", "in.zarr")])
def test_a_missing_library_is_named_with_its_install_command(library, name, monkeypatch, refused):
    Path(name).touch()
    monkeypatch.setitem(sys.modules, library, None)
    line = refused(name, "--out", "out", code=3)
    assert f"needs {library}: pip install 'merge-impls[files]'" in line


BACKENDS = """
import numpy as np
def broken(problem):
    raise KeyError("no such edge")
def lying(problem):
    return np.full(problem.shape, -1)
"""


def test_a_failing_backend_and_wrong_use_have_different_exit_codes(
    own_folder, user_affinities, refused
):
    (own_folder / "own_backends.py").write_text(BACKENDS)
    np.save("in.npy", user_affinities)
    arguments = ["in.npy", "--offsets", TYPED, "--out", "out", "--backend"]
    line = refused(*arguments, "own_backends:broken", code=4)
    assert "own_backends:broken failed (KeyError: 'no such edge')" in line
    assert "own_backends:lying" in refused(*arguments, "own_backends:lying", code=1)
    assert "not available" in refused(*arguments, "own_backends:none", code=3)


def test_bad_options_have_exit_code_2(capsys):
    for arguments in (
        ["in.npz"],
        ["in.npz", "--out", "out", "--thresholds", "high"],
        ["in.npz", "--out", "out", "--stages", "0 0.5"],
        ["in.npz", "--out", "out", "--min-size", "0"],
        ["in.npz", "--out", "out", "--linkage", "median"],
    ):
        with pytest.raises(SystemExit) as stopped:
            main(["run", *arguments])
        assert stopped.value.code == 2
        assert "Traceback" not in capsys.readouterr().err


def test_offsets_without_quotes_are_refused_with_the_remedy(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["run", "good.npy", "--offsets", "0,1", "1,0", "0,5", "--out", "o"])
    assert stopped.value.code == 2
    line = capsys.readouterr().err
    assert "arguments: 1,0 0,5; quote a list with spaces, such as --offsets '0,1 1,0'" in line


def test_an_offset_longer_than_the_grid_is_a_note(capsys):
    np.save("good.npy", np.ones((2, 4, 6)))
    command = ["run", "good.npy", "--offsets", "0,1 4,0", "--thresholds", "0.5", "--out", "o"]
    assert main(command) == 0
    assert "note: offset (4, 0) leaves the grid" in capsys.readouterr().out


def test_the_refusal_of_uint8_names_the_function_that_converts_it():
    with pytest.raises(TypeError, match=r"got uint8; merge_impls\.canonical converts uint8"):
        MergeProblem.from_grid(np.ones((1, 4, 4), np.uint8), [(0, 1)], [0], [0.5])
