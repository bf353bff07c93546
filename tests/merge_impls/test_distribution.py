"""The sdist contains what a build needs, and the wheel contains only merge_impls."""

import email
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOR_READERS = ["README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"]
BUILT_FROM = ["pyproject.toml", "setup.py", "MANIFEST.in", *FOR_READERS, "c_merge", "merge_impls"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build an sdist and, from it, a wheel.

    Returns the names of the files in the sdist, the contents of those in the wheel by name, and the
    name of the wheel.
    """
    source = tmp_path_factory.mktemp("source")
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("*.so", "*.o", "__pycache__")
            shutil.copytree(ROOT / name, source / name, ignore=ignored)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (sdist,), (wheel,) = (source / "dist").glob("*.tar.gz"), (source / "dist").glob("*.whl")
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {name: archive.read(name) for name in archive.namelist()}
    return in_sdist, in_wheel, wheel.name


def test_the_sdist_contains_the_build_script_and_all_c_files(built):
    in_sdist, _, _ = built
    c_files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "c_merge").rglob("*.[ch]")}
    assert "c_merge/fast/graph.h" in c_files
    assert c_files | {"setup.py", "c_merge/build_c_merge.py"} <= in_sdist


def test_the_wheel_contains_only_merge_impls(built):
    _, in_wheel, _ = built
    folders = {name.split("/")[0] for name in in_wheel}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"merge_impls"}


def test_the_wheel_contains_every_file_and_the_compiled_merge(built):
    _, in_wheel, _ = built
    package = ROOT / "merge_impls"
    files = {path.relative_to(package) for path in package.rglob("*") if path.is_file()}
    made = {path for path in files if "__pycache__" in path.parts or path.suffix in (".so", ".o")}
    assert {f"merge_impls/{path}" for path in files - made} <= set(in_wheel)
    assert {"merge_impls/_c_merge.abi3.so", "merge_impls/py.typed"} <= set(in_wheel)


def test_one_wheel_serves_every_python_from_3_11_on(built):
    _, _, name = built
    assert "-cp311-abi3-" in name


BUILD_SETTINGS = """
import sysconfig
real = sysconfig.get_config_var
fake = {"Py_GIL_DISABLED": IS_FREE_THREADED}
sysconfig.get_config_var = lambda name: fake[name] if name in fake else real(name)
import setuptools
from distutils.core import run_setup
distribution = run_setup("setup.py", ["bdist_wheel"], stop_after="commandline")
command = distribution.get_command_obj("bdist_wheel")
command.ensure_finalized()
(extension,) = distribution.ext_modules
print(command.py_limited_api, extension.py_limited_api, command.get_tag()[1])
"""
"""A program that prints how setup.py builds the wheel and the extension. It runs in the project's root."""


@pytest.mark.parametrize(("is_free_threaded", "is_limited"), [(0, True), (None, True), (1, False)])
def test_a_free_threaded_python_builds_without_the_limited_api(is_free_threaded, is_limited):
    program = BUILD_SETTINGS.replace("IS_FREE_THREADED", repr(is_free_threaded))
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    of_wheel, of_extension, abi = done.stdout.splitlines()[-1].split()
    assert of_extension == str(is_limited)
    assert (of_wheel == "cp311") is is_limited
    assert (abi == "abi3") is is_limited


def test_the_sdist_contains_licence_changelog_and_citation(built):
    in_sdist, _, _ = built
    assert set(FOR_READERS) <= in_sdist


def metadata_of(in_wheel):
    """The place of a wheel's METADATA, and its content as a message."""
    (place,) = (name for name in in_wheel if name.endswith(".dist-info/METADATA"))
    return place, email.message_from_bytes(in_wheel[place])


def test_the_readme_is_the_long_description_of_the_wheel(built):
    _, in_wheel, _ = built
    _, metadata = metadata_of(in_wheel)
    assert metadata["Description-Content-Type"] == "text/markdown"
    description = metadata.get_payload(decode=True).decode("utf-8")
    assert description.strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()


def test_the_wheel_names_authors_and_licence(built):
    _, in_wheel, _ = built
    place, metadata = metadata_of(in_wheel)
    assert metadata["License-Expression"] == "BSD-3-Clause"
    assert metadata["Author"] == "the merge-impls authors"
    licence = in_wheel[place.replace("METADATA", "licenses/LICENSE")]
    assert licence == (ROOT / "LICENSE").read_bytes()
