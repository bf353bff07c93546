"""The list of all backends, plug-ins that work and plug-ins that do not, and what a backend may declare."""

import inspect
import sys
from dataclasses import replace
from importlib.machinery import PathFinder

import pytest

import merge_impls
from merge_impls import (
    Backend,
    BackendUnavailable,
    BackendUnsupported,
    MergeProblem,
    backends,
    merge,
    registry,
)
from merge_impls.backend import LoadedBackend
from merge_impls.cli import main

PLUGINS = {
    "good": "def merge(problem):\n    '''Everything is one.'''\n    return problem.mask * 1\n",
    "broken": "import a_module_that_is_nowhere\n",
    "nonsense": "merge = 42\n",
    "leaving": "raise SystemExit('no licence')\n",
    "needy": (
        "from merge_impls import Backend\n"
        "merge = Backend('needy', 'wants a lot', '0.3', 'needy_plugin:run',\n"
        "                requires=('a_module_that_is_nowhere',), install='pip install luck')\n"
    ),
    "late": (
        "from merge_impls import Backend\n"
        "merge = Backend('late', 'fails when used', '0.4', 'late_plugin:nothing')\n"
    ),
    "misdeclared": (
        "from merge_impls import Backend\n"
        "merge = Backend('misdeclared', '', '1', 'nowhere:run', dimensions=2)\n"
    ),
    "misnamed": (
        "from merge_impls import Backend\nmerge = Backend('networkx', '', '1', 'nowhere:run')\n"
    ),
    "classy": "from merge_impls import Backend as merge\n",
    "nested": (
        "from merge_impls import Backend\n"
        "merge = Backend('nested', '', '1', 'nowhere:run', requires=('raising_package.inner',))\n"
    ),
    "c": "def merge(problem):\n    raise AssertionError('the built-in c must stay')\n",
}


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Install a distribution whose entry points are the modules in ``PLUGINS``."""
    info = tmp_path / "plugins_of_the_test-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: plugins-of-the-test\nVersion: 1.2\n"
    )
    points = [f"{name} = {name}_plugin:merge" for name in PLUGINS]
    (info / "entry_points.txt").write_text("\n".join([f"[{registry.ENTRY_POINT_GROUP}]", *points]))
    for name, source in PLUGINS.items():
        (tmp_path / f"{name}_plugin.py").write_text(source)
    half_removed = tmp_path / "half_removed-1.0.dist-info"
    half_removed.mkdir()
    (half_removed / "entry_points.txt").write_text(
        f"[{registry.ENTRY_POINT_GROUP}]\nleft = gone:merge\nwith:colon = good_plugin:merge\n"
    )
    (tmp_path / "raising_package").mkdir()
    (tmp_path / "raising_package" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry._registered_backends.cache_clear()
    yield
    registry._registered_backends.cache_clear()


@pytest.fixture
def no_numba(monkeypatch):
    """Make Python behave as if numba were not installed."""
    find = PathFinder.find_spec
    monkeypatch.setattr(
        PathFinder, "find_spec", lambda name, *rest: None if name == "numba" else find(name, *rest)
    )
    monkeypatch.delitem(sys.modules, "numba", raising=False)


@pytest.fixture
def pixel():
    return MergeProblem.from_grid([[[0.5]]], [(0, 1)], [0], [0.5])


@pytest.mark.parametrize("name", ["networkx", "heap", "numba", "c"])
def test_built_in_backend_is_listed(name):
    record = backends()[name]
    assert (record.name, record.available, record.reason) == (name, True, "")
    assert record.description and record.version


def test_public_names_stay_functions_when_backends_have_been_loaded(pixel):
    merge(pixel, "c")
    for name in ("backends", "merge", "first_difference"):
        assert inspect.isfunction(getattr(merge_impls, name))


def test_listing_cannot_be_changed():
    with pytest.raises(TypeError):
        backends()["mine"] = None


def test_a_missing_library_is_named_with_what_to_install(no_numba, pixel):
    record = backends()["numba"]
    assert not record.available
    assert "pip install 'merge-impls[numba]'" in record.reason
    with pytest.raises(BackendUnavailable, match="numba is not installed: pip install") as error:
        merge(pixel, "numba")
    assert "\n" not in str(error.value)


def test_plugin_that_is_a_function_is_listed_and_used(plugins, pixel):
    record = backends()["good"]
    assert (record.available, record.version) == (True, "1.2")
    assert record.description == "Everything is one."
    assert merge(pixel, "good").backend == "good"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken", "broken_plugin:merge does not load .*a_module_that_is_nowhere"),
        ("nonsense", "neither a Backend nor a function"),
        ("leaving", "leaving_plugin:merge does not load .*no licence"),
        ("needy", "a_module_that_is_nowhere is not installed: pip install luck"),
        ("misdeclared", "does not load .*dimensions of backend 'misdeclared' is 2; it must be"),
        ("misnamed", "its declaration has the name 'networkx', its entry point 'misnamed'"),
        ("classy", "classy_plugin:merge is neither a Backend nor a function"),
        ("left", "gone:merge does not load .*No module named 'gone'"),
    ],
)
def test_broken_plugin_is_listed_with_its_error_and_refused(plugins, pixel, name, reason):
    assert not backends()[name].available
    with pytest.raises(BackendUnavailable, match=reason):
        merge(pixel, name)


def test_plugin_that_fails_on_first_use_is_unavailable(plugins, pixel):
    with pytest.raises(BackendUnavailable, match="late_plugin:nothing does not load"):
        merge(pixel, "late")


def test_looking_up_a_required_package_does_not_import_it(plugins):
    assert backends()["nested"].available  # importing the required package would raise an error


def test_a_name_with_a_colon_is_refused(plugins):
    record = backends()["with:colon"]
    assert (record.available, record.linkages) == (False, ())
    assert record.reason == "its name contains a colon; merge would read it as module:object"


def test_a_distribution_without_metadata_is_listed_with_an_unknown_version(plugins, capsys):
    assert backends()["left"].version == "?"
    assert main(["list"]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("left ")]
    assert row.split()[:3] == ["left", "?", "no"]


def test_broken_plugins_do_not_affect_other_backends(plugins, pixel):
    assert all(backends()[name].available for name in ("networkx", "heap", "numba", "c", "good"))
    assert merge(pixel, "c").labels.tolist() == [[1]]


def test_plugin_cannot_take_the_name_of_a_built_in(plugins):
    record = backends()["c (plugins-of-the-test)"]
    assert (record.available, record.reason) == (False, "the name c is taken already")


NARROW = Backend(
    "narrow",
    "does little",
    "0.1",
    "merge_impls.builtin.networkx_merge:merge",
    linkages=("average",),
    dimensions=(2, 3),
)


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (
            MergeProblem.from_grid([[[0.5]]], [(0, 1)], [0], [0.5], linkage="weighted"),
            "backend narrow does not support linkage 'weighted', only 'average'",
        ),
        (
            MergeProblem.from_edges(1, [], [], [], [0.5]),
            "backend narrow does not support edges, only 2-D grids and 3-D grids",
        ),
    ],
    ids=["linkage", "dimensions"],
)
def test_a_problem_that_a_backend_does_not_support_is_refused(problem, line):
    with pytest.raises(BackendUnsupported) as error:
        merge(problem, NARROW)
    assert str(error.value) == line


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("version", None),
        ("description", "one line\nand another"),
        ("install", 3),
        ("function", 3),
        ("function", "a_module_alone"),
        ("function", ":merge"),
        ("prepare", "a_module_alone"),
        ("finish", "a_module_alone"),
        ("requires", "numpy"),
        ("requires", ("",)),
        ("linkages", "average"),
        ("linkages", ()),
        ("linkages", ("other",)),
        ("dimensions", 2),
        ("dimensions", (2, 4)),
        ("threads", "4"),
        ("threads", 0),
        ("approximate", ("other",)),
    ],
)
def test_the_error_for_an_invalid_declaration_names_the_field(field, value):
    with pytest.raises(ValueError, match=f"^{field} of backend .* it must be ") as error:
        replace(NARROW, **{field: value})
    assert repr(value) in str(error.value) and "\n" not in str(error.value)


def test_a_backend_merges_what_it_declares(pixel):
    assert merge(pixel, NARROW).backend == "narrow"


@pytest.mark.parametrize(("most", "expected"), [(None, 5), (2, 2)])
def test_a_backend_gets_no_more_threads_than_it_declares(pixel, most, expected):
    received = []

    def parallel(problem, threads):
        received.append(threads)
        return problem.mask * 1

    LoadedBackend(replace(NARROW, threads=most), parallel).call(pixel, threads=5)
    assert received == [expected]


def test_the_function_gets_what_prepare_returns(pixel, plug_in):
    plug_in(
        two_steps="""
from merge_impls import Backend
merge = Backend("two_steps", "", "1", "two_steps_backend:run", prepare="two_steps_backend:convert")
def convert(problem):
    return problem.mask
def run(mask):
    return mask * 1
"""
    )
    assert merge(pixel, "two_steps").labels.tolist() == [[1]]


def test_finish_turns_what_the_function_returned_into_labels(pixel, plug_in):
    plug_in(
        two_ends="""
from merge_impls import Backend
merge = Backend("two_ends", "", "1", "two_ends_backend:run", finish="two_ends_backend:convert")
def run(problem):
    return "all in one"
def convert(problem, returned):
    return problem.mask * (1 if returned == "all in one" else 0)
"""
    )
    assert merge(pixel, "two_ends").labels.tolist() == [[1]]


def test_what_a_backend_declares_is_listed():
    record = backends()["c"]
    assert record.linkages == ("average", "weighted", "single", "complete")
    assert (record.dimensions, record.threads) == ((1, 2, 3), None)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("nowhere_at_all:merge", "does not load .*nowhere_at_all"),
        ("math:nothing", "does not load .*nothing"),
        ("math:pi", "neither a Backend nor a function"),
        ("merge_impls:Backend", "neither a Backend nor a function"),
    ],
)
def test_a_module_and_object_that_do_not_exist_are_unavailable(pixel, target, reason):
    with pytest.raises(BackendUnavailable, match=reason):
        merge(pixel, target)
