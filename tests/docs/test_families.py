"""docs/speed.md lists every family of graphs, and says which of them the committed times are of."""

from bench.runner import records
from merge_impls.fields import FAMILIES
from tests.docs.committed_figures import tables_of_study
from tests.docs.pages import ROOT

STREETS = {"street-mild", "street-strong"}


def test_the_page_about_speed_lists_all_families_of_graphs():
    lines = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line.startswith("- `")]
    assert listed == [f"- `{name}`: {each.stands_for}" for name, each in FAMILIES.items()]


def test_the_committed_times_are_of_streets_and_of_all_generated_families():
    found = records.read(ROOT / "results" / "speed" / "records.jsonl")
    generated = {name for name, each in FAMILIES.items() if each.reason_missing is None}
    assert {record.cell.split for record in found} >= {"mild", "strong"} | generated - STREETS


def test_the_page_says_where_a_backend_is_slower_than_the_plain_heap():
    table = tables_of_study("speed")["worst_families"].set_index(["backend", "linkage"])
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    slower = {backend for (backend, _), speed in table["lowest_speed"].items() if speed < 1}
    assert ("`numba` is slower than `heap`" in page) == ("numba" in slower)
    assert "c" not in slower
