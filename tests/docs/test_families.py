"""docs/speed.md lists every family of graphs, and says which of them the committed times are of."""

from bench.runner import records
from merge_impls.fields import FAMILIES
from tests.docs.pages import ROOT


def test_the_page_about_speed_lists_all_families_of_graphs():
    lines = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line.startswith("- `")]
    assert listed == [f"- `{name}`: {each.stands_for}" for name, each in FAMILIES.items()]


def test_the_page_says_that_committed_times_are_of_street_fields_alone():
    found = records.read(ROOT / "results" / "speed" / "records.jsonl")
    only_streets = not {record.cell.split for record in found} & FAMILIES.keys()
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    assert ("of street fields alone" in page) == only_streets
