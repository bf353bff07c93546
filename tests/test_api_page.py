"""docs/api.md is made from the docstrings of the public names of merge_impls."""

import runpy
from pathlib import Path

import pytest

import merge_impls

ROOT = Path(__file__).parent.parent
MAKE_API = runpy.run_path(str(ROOT / "docs" / "make_api.py"))


def test_the_page_is_that_of_the_present_docstrings():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert page == MAKE_API["api_page"](), "docs/api.md is out of date: run python docs/make_api.py"


def test_every_public_name_and_method_has_a_heading():
    lines = MAKE_API["api_page"]().splitlines()
    for name in merge_impls.__all__:
        assert f"### {name}" in lines
    methods = {name for name in vars(merge_impls.MergeProblem) if not name.startswith("_")}
    fields = set(merge_impls.MergeProblem.__dataclass_fields__)
    assert {f"#### MergeProblem.{name}" for name in methods - fields} <= set(lines)


def test_a_name_without_docstring_is_refused():
    with pytest.raises(ValueError, match="problem_files.FORMAT has no docstring; write one"):
        MAKE_API["find_definition"]("merge_impls.problem_files", "FORMAT")
    with pytest.raises(ValueError, match="merge_impls.offsets does not define absent"):
        MAKE_API["find_definition"]("merge_impls.offsets", "absent")


def test_rows_of_prose_have_at_most_120_characters():
    rows = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").splitlines()
    assert max(map(len, rows)) <= 120
