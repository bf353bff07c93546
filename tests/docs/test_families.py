"""docs/speed.md lists every family of graphs."""

from merge_impls.fields import FAMILIES
from tests.docs.pages import ROOT


def test_the_page_about_speed_lists_all_families_of_graphs():
    lines = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8").splitlines()
    listed = [line for line in lines if line.startswith("- `")]
    assert listed == [f"- `{name}`: {each.stands_for}" for name, each in FAMILIES.items()]
