"""The digest of a backend's code changes with its files, and with nothing else."""

import shutil
import sys
from pathlib import Path

import pytest

from merge_impls import MergeProblem, _c_merge
from merge_impls.isolation import BackendFailed, Worker
from merge_impls.isolation.worker_in_parent import make_small_problem

RIGHT = """
from merge_impls import merge as merge_with
def merge(problem):
    return merge_with(problem, "heap")
"""
WITH_LIBRARY = """
from merge_impls.builtin.networkx_merge import merge as run
def merge(problem):
    return run(problem)
"""
HELPER = RIGHT.replace(" merge(", " run(")
WRONG = "import numpy\ndef merge(problem):\n    return numpy.ones(problem.shape, 'int32')\n"
IN_PACKAGE = "def merge(problem):\n    from helped import helper\n    return helper.run(problem)\n"


def digest(backend, **options):
    with Worker(backend, **options) as worker:
        return worker.digest_code()


def write_package(place, changes):
    """Write the package ``helped`` to the folder ``place``. changes: the content of files, by name."""
    files = {"__init__.py": IN_PACKAGE, "helper.py": HELPER, **changes}
    for name, content in files.items():
        file = place / "helped" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A function that writes the package ``helped`` to a folder of this name, and gives its digest."""

    def write(folder, **changes):
        write_package(tmp_path / folder, changes)
        monkeypatch.setattr(sys, "path", [str(tmp_path / folder), *sys.path])
        return digest("helped:merge").sha256

    return write


@pytest.fixture(scope="module")
def plain_digest(tmp_path_factory):
    """The digest of the package ``helped`` without changes."""
    place = tmp_path_factory.mktemp("plain")
    write_package(place, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(place), *sys.path])
        return digest("helped:merge").sha256


def test_a_changed_plug_in_has_another_digest_and_a_restored_one_the_first(plug_in):
    plug_in(own=WITH_LIBRARY)
    first = digest("own")
    assert len(first.sha256) == 64 and first.reason == ""
    plug_in(own=WRONG)
    changed = digest("own")
    assert changed.sha256 not in ("", first.sha256)
    plug_in(own=WITH_LIBRARY)
    assert digest("own") == first


def test_the_digest_does_not_depend_on_the_folder(package, plain_digest):
    assert package("here") == plain_digest != package("there", **{"helper.py": HELPER + "\n"})


@pytest.mark.parametrize("name", ["table.csv", "unused.py", "inner/unused.txt"])
def test_every_file_of_a_package_counts(package, plain_digest, name):
    assert package("more", **{name: "1"}) != plain_digest


@pytest.mark.parametrize(
    "name", ["__pycache__/x.txt", ".git/index", ".hidden", "inner/.git/index", "f.1.nbi", "f.2.nbc"]
)
def test_caches_and_hidden_files_never_count(package, plain_digest, name):
    assert package("more", **{name: "1"}) == plain_digest


def test_a_single_module_is_hashed_alone(plug_in):
    plug_in(own=RIGHT)
    first = digest("own")
    (Path(sys.path[0]) / "beside.py").write_text("1")
    assert digest("own") == first


def test_other_plug_ins_do_not_count(plug_in):
    plug_in(own=RIGHT)
    first = digest("own")
    plug_in(own=RIGHT, other="import wave_of_other\n" + RIGHT)
    (Path(sys.path[0]) / "wave_of_other.py").write_text("1")
    assert digest("own") == first


def test_a_module_that_the_first_merge_imports_counts(plug_in):
    plug_in(own="def merge(problem):\n    import late\n    return late.merge(problem)\n")
    late = Path(sys.path[0]) / "late.py"
    late.write_text(RIGHT)
    first = digest("own")
    late.write_text(RIGHT + "\n")
    assert digest("own").sha256 != first.sha256


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux lists mapped libraries"
)
def test_a_library_that_the_backend_maps_counts(plug_in, tmp_path):
    library = shutil.copy(_c_merge.__file__, tmp_path / "mapped.so")
    plug_in(own=f"import ctypes\nctypes.PyDLL({str(library)!r})\n{RIGHT}")
    first = digest("own")
    with Path(library).open("ab") as file:
        file.write(b"\0")
    assert digest("own").sha256 not in ("", first.sha256)


def test_a_function_without_a_file_has_no_digest_but_a_reason(plug_in):
    plug_in(own=f"exec({RIGHT!r})")
    found = digest("own")
    assert found.sha256 == "" and found.reason.endswith("own_backend:merge is defined in no file")


def test_the_packages_that_are_named_apart_do_not_count(package):
    package("here")
    plain = digest("helped:merge", code_apart=("helped",))
    package("here", **{"unused.py": "1"})
    assert digest("helped:merge", code_apart=("helped",)) == plain


def test_a_built_in_backend_has_the_digest_of_this_package():
    assert digest("c").sha256 == digest("heap").sha256 != ""


def test_a_process_with_other_code_than_expected_does_not_start(plug_in):
    plug_in(own=RIGHT)
    with Worker("own", code=digest("own").sha256) as worker:
        worker.start()
        worker.stop()
        plug_in(own=WRONG)
        with pytest.raises(BackendFailed, match="its files changed during the run") as failed:
            worker.start()
    assert failed.value.kind == "unavailable"


def test_a_worker_names_the_code_that_a_later_merge_loads(plug_in):
    plug_in(
        own="def merge(problem):\n    if problem.num_vertices == 16:\n        import early as code\n"
        "    else:\n        import wave, late as code\n    return code.merge(problem)\n"
    )
    folder = Path(sys.path[0])
    for name in ("early", "late"):
        (folder / f"{name}.py").write_text(RIGHT)
    with Worker("own") as worker:
        worker.digest_code()
        worker.merge(make_small_problem(worker.declaration))
        assert worker.late_file == ""
        worker.merge(MergeProblem.from_edges(2, [[0, 1]], [0.9], [0], [0.5]))
        assert worker.late_file == str((folder / "late.py").resolve())
