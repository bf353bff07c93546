"""Third-party methods compute what their descriptions say, and do not count as backends of the contract."""

from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

import bench.methods
from bench.methods.adapters import SINGLE_STAGE_THRESHOLD
from bench.methods.all_methods import find_method, methods_by_name, methods_in_this_folder
from merge_impls import MergeProblem, backends, fields, merge
from merge_impls.fixed_point_affinities import ONE
from merge_impls.isolation import Worker
from merge_impls.merging import load_backend

OFFSETS = [(0, 1), (1, -1), (1, 0), (0, 3), (3, 1)]
SORTING = ["np.sort", "numpy radix sort"]
PROGRAMS = [name for name, method in methods_in_this_folder().items() if method.target]
OTHERS = [name for name in PROGRAMS if name not in SORTING]


def installed_method(name):
    """The declaration of each third-party method. Tests of a method that is not installed are skipped."""
    method = find_method(name)
    if method.reason:
        pytest.skip(method.reason)
    return declaration_of(method)


def declaration_of(method):
    module, _, attribute = method.target.partition(":")
    return getattr(import_module(module), attribute)


@pytest.fixture(params=range(4))
def problem(request):
    """A masked grid with two stages, whose result does not depend on the order of equal weights.

    All affinities differ. Since they are even numbers, no attraction has the same weight as a repulsion.
    """
    rng = np.random.default_rng(request.param)
    affinities = 2 * rng.choice(ONE // 2, (len(OFFSETS), 9, 11), replace=False).astype(np.uint16)
    mask = rng.random((9, 11)) < 0.8
    return MergeProblem.from_grid(affinities, OFFSETS, [0, 0, 0, 1, 1], [0.7, 0.4], mask=mask)


def literal_mutex_watershed(problem):
    """Labels by the definition of mutex watershed: by falling weight, each edge merges or forbids a merge."""
    u, v, q, _ = problem.edge_arrays()
    both = [np.stack([q, u, v, np.ones_like(u)]), np.stack([ONE - q, u, v, np.zeros_like(u)])]
    cluster, forbidden = np.arange(problem.num_vertices), set()
    for _, a, b, attracts in sorted(np.hstack(both).T.tolist(), reverse=True):
        a, b = sorted((int(cluster[a]), int(cluster[b])))
        if a == b or (a, b) in forbidden:
            continue
        if not attracts:
            forbidden.add((a, b))
            continue
        cluster[cluster == b] = a
        forbidden = {tuple(sorted(a if end == b else end for end in pair)) for pair in forbidden}
    labels = np.zeros(problem.shape, int)
    labels[problem.mask] = np.unique(cluster[problem.mask.ravel()], return_inverse=True)[1] + 1
    return labels


@pytest.mark.parametrize("name", ["bioimage-cpp mutex watershed", "mwatershed"])
def test_a_mutex_watershed_follows_its_rule_on_all_offsets_both_ways(name, problem):
    found = merge(problem, installed_method(name))
    np.testing.assert_array_equal(found.labels, literal_mutex_watershed(problem))


def test_gasp_mean_is_average_linkage_in_one_stage(problem):
    one_stage = problem.replace(
        stages=np.zeros_like(problem.stages), thresholds=[SINGLE_STAGE_THRESHOLD]
    )
    found = merge(problem, installed_method("bioimage-cpp GASP mean"))
    np.testing.assert_array_equal(found.labels, merge(one_stage).labels)


def test_higra_in_stages_is_average_linkage_if_no_weights_are_equal(problem):
    found = merge(problem, installed_method("Higra, staged"))
    np.testing.assert_array_equal(found.labels, merge(problem).labels)


@pytest.mark.parametrize("name", SORTING)
def test_the_sorting_floor_sorts_all_edges_and_merges_nothing(name, problem):
    floor = load_backend(installed_method(name))
    weights = floor.prepare_argument(problem)
    found = floor.call(weights)
    assert len(found) == len(problem.edge_arrays()[2])
    assert (np.diff(found) >= 0).all() and found.dtype == weights.dtype
    assert len(merge(problem, installed_method(name)).sizes) == problem.mask.sum()


@pytest.mark.parametrize("foreground", [0, 1])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_mask_of_few_pixels_or_none_has_as_few_segments(name, foreground, problem):
    mask = np.zeros(problem.shape, bool)
    mask.flat[:foreground] = True
    found = merge(problem.replace(mask=mask), installed_method(name))
    assert len(found.sizes) == foreground


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_worker_merges_a_field_and_times_the_call_alone(name):
    installed_method(name)
    field = fields.field(32, 64)
    with Worker(find_method(name).target) as worker:
        answer = worker.merge(field)
    assert (answer.result.labels > 0).sum() == field.mask.sum() and answer.modified == ""
    assert answer.call_seconds > 0 and answer.conversion_seconds > 0
    assert answer.call_seconds + answer.conversion_seconds <= answer.seconds


@pytest.mark.parametrize("name", OTHERS)
def test_a_third_party_method_describes_itself_and_its_install(name):
    declaration = replace(declaration_of(find_method(name)), requires=("a_module_that_is_nowhere",))
    assert declaration.description
    assert "is not installed: pip install " in declaration.missing()


@pytest.mark.parametrize("name", methods_by_name())
def test_every_method_says_what_it_computes_and_how_it_runs(name):
    method = find_method(name)
    assert method.computes and "\n" not in method.computes
    assert bool(method.target) != bool(method.find_instances)
    assert set(method.exact_linkages) <= set(method.linkages)


def test_backends_of_the_contract_alone_are_exact_in_their_linkages():
    exact = {
        name: method.exact_linkages
        for name, method in methods_by_name().items()
        if method.exact_linkages
    }
    assert exact == {name: record.linkages for name, record in backends().items()}
    assert not methods_in_this_folder().keys() & backends().keys()


def test_a_method_that_nobody_declares_has_a_reason():
    assert find_method("nowhere").reason.startswith("no method of that name: the closest is ")


def test_a_file_in_the_folder_of_methods_is_all_that_a_method_needs(tmp_path, monkeypatch):
    (tmp_path / "dummy_method.py").write_text(
        "from merge_impls import Backend\n"
        'DUMMY = Backend("dummy", "nothing", "1", "bench.methods.dummy_method:merge")\n'
    )
    monkeypatch.setattr(bench.methods, "__path__", [*bench.methods.__path__, str(tmp_path)])
    methods_in_this_folder.cache_clear()
    assert find_method("dummy").target == "bench.methods.dummy_method:DUMMY"
    monkeypatch.undo()
    methods_in_this_folder.cache_clear()
    assert find_method("dummy").reason
