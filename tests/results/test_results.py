"""What the README shows is what results/ holds, and results/ is what its own records say."""

import re
from pathlib import Path

import pandas as pd
import pytest

from bench import records
from bench.report.markdown import to_markdown
from bench.report.tables import accuracy, speed_accuracy

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
STUDIES = sorted(path.parent for path in (ROOT / "results").glob("*/records.jsonl"))
TABLES = {"speed_accuracy": speed_accuracy, "accuracy": accuracy}


def table_in_readme(name: str) -> str:
    """What stands between ``<!-- table: NAME -->`` and ``<!-- end -->``."""
    found = re.search(rf"<!-- table: {name} -->\n(.*?)\n<!-- end -->", README, re.DOTALL)
    assert found, f"README.md has no table {name}"
    return found.group(1).strip()


@pytest.mark.parametrize("name", TABLES)
def test_readme_shows_the_table_of_the_committed_records(name):
    found = records.read(ROOT / "results" / "default" / "records.jsonl")
    assert table_in_readme(name) == to_markdown(TABLES[name](found))


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", TABLES)
def test_committed_tables_are_those_of_the_committed_records(folder, name):
    again = TABLES[name](records.read(folder / "records.jsonl"))
    assert to_markdown(pd.read_csv(folder / f"{name}.csv")) == to_markdown(again)
    assert to_markdown(again) in (folder / "report.md").read_text()


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
def test_committed_speeds_are_those_of_right_results(folder):
    for record in records.read(folder / "records.jsonl"):
        assert record["state"] == "done"
        assert all(image["identical"] for image in record["images"])


def test_every_picture_of_the_readme_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
