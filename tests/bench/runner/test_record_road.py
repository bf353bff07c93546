"""Follows the calls while a study runs: a record goes from the runner over its file to the page, never back.

A record enters a module when a function of that module is called from another module with the record among
its arguments. Two kinds of calls are not counted: to methods of the record itself, and to ``HELPERS``, which
read facts from records for all tables and pages.
"""

import sys
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

import bench
from bench import cli
from bench.runner import study_file
from bench.runner.image_results import StudyResult
from bench.runner.record import Record
from bench.runner.study import Goal, GoalMethod, Study, StudyFields, Variant

FOLDER = Path(bench.__file__).parent
HELPERS = {
    "runner/record",
    "runner/approximate_merges",
    "report/run_summary",
    "report/tables/baselines",
    "report/tables/image_merge_times",
    "report/tables/field_measurements",
    "report/tables/method_names",
}
STAGES = ("runner", "runner/records", "report/pages", "report/tables", "report/figures")
"""The way of a record: it is measured, written and read; a page gets it and hands it to the tables."""


def keys_in(value, depth=2):
    """The keys of all records in a value, also in lists, tuples and dicts."""
    if isinstance(value, Record):
        return {value.key}
    if isinstance(value, StudyResult):
        value = value.records
    if isinstance(value, dict):
        value = list(value.values())
    if depth and isinstance(value, list | tuple):
        return set().union(*(keys_in(one, depth - 1) for one in value))
    return set()


@cache
def module_of_file(name):
    """The module of ``bench`` in a file, such as "runner/records"; None for other files."""
    path = Path(name)
    return str(path.relative_to(FOLDER).with_suffix("")) if FOLDER in path.parents else None


def module_of(frame):
    """The module of ``bench`` in which a frame runs; None for other code."""
    return module_of_file(frame.f_code.co_filename)


def arguments_of(frame):
    code = frame.f_code
    count = code.co_argcount + code.co_kwonlyargcount
    return [frame.f_locals.get(name) for name in code.co_varnames[:count]]


def entered_modules(function):
    """The modules that each record enters, in order, by the record's key."""
    entered = defaultdict(list)

    def follow(frame, event, _):
        called = module_of(frame) if event == "call" else None
        if called is None or called in HELPERS or frame.f_code.co_name.startswith("<"):
            return
        caller = frame.f_back
        while caller is not None and module_of(caller) is None:
            caller = caller.f_back
        if caller is None or module_of(caller) != called:
            for key in set().union(*map(keys_in, arguments_of(frame))):
                if entered[key][-1:] != [called]:
                    entered[key].append(called)

    sys.setprofile(follow)
    try:
        function()
    finally:
        sys.setprofile(None)
    return entered


def stage_of(module):
    """The number of the stage that a module belongs to; the longest name in ``STAGES`` counts."""
    return max((len(stage), n) for n, stage in enumerate(STAGES) if module.startswith(stage))[1]


@pytest.fixture
def run_study(street, tiny_model, tmp_path):
    """Runs a study with the command."""

    def run(study):
        options = ["run", "default", "--out", str(tmp_path / "out")]
        if not study.is_of_fields:
            images = {"--root": street.root, "--model": tiny_model, "--cache": tmp_path / "cache"}
            options += [str(part) for option in images.items() for part in option]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(study_file, "read_study", lambda *_: study)
            outcome = CliRunner().invoke(cli.main, options)
        assert outcome.exit_code == 0, outcome.output
        assert (tmp_path / "out" / "report" / "report.md").is_file()

    return run


@pytest.fixture(params=["images", "rows", "fields"])
def study(request, short_study):
    """A small study of each kind of report."""
    if request.param == "images":
        return replace(short_study, scored_alone=("components",), pictures=1)
    if request.param == "rows":
        rows = Variant("a", short_study.strategy), Variant("b", short_study.strategy)
        return replace(short_study, variants=rows)
    return Study(
        name="small",
        source=StudyFields(("mild",), size=(32, 64), sizes=((16, 32), (32, 64))),
        linkages=("average",),
        backends=("c",),
        reference="networkx",
        rounds=1,
        scaled=("c",),
        goals=(Goal("a memory", "memory", GoalMethod("c"), must=1e9, aim=1e-9),),
    )


def test_a_record_goes_from_the_runner_to_the_page_and_never_back(run_study, study, quick):
    entered = entered_modules(lambda: run_study(study))
    assert entered
    for modules in entered.values():
        assert len(set(modules)) == len(modules), " -> ".join(modules)
        stages = list(map(stage_of, modules))
        assert stages == sorted(stages), " -> ".join(modules)
        assert {"runner/records"} < {*modules}
        assert any(module.startswith("report/tables") for module in modules)
