"""What the README shows is what results/ holds, and results/ is what its own records say."""

import re
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from bench import records
from bench.report.markdown import to_markdown
from bench.report.tables import accuracy, speed_accuracy
from bench.studies import read_study

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
    assert table_in_readme(name) == to_markdown(TABLES[name](default_records()))


@pytest.mark.parametrize("folder", STUDIES, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", TABLES)
def test_committed_tables_are_those_of_the_committed_records(folder, name):
    again = TABLES[name](records.read(folder / "records.jsonl"))
    assert to_markdown(pd.read_csv(folder / f"{name}.csv")) == to_markdown(again)
    assert to_markdown(again) in (folder / "report.md").read_text()


def default_records():
    return records.read(ROOT / "results" / "default" / "records.jsonl")


def test_every_cell_of_the_default_study_is_done_and_right_on_every_image():
    study = read_study("default")
    found = {
        (record["cell"]["backend"], record["cell"]["linkage"], record["cell"]["scope"]): record
        for record in default_records()
        if record["cell"]["backend"] not in study.baselines
    }
    fast = set(product(study.backends, study.linkages, ["maps", "crops"]))
    assert found.keys() == fast | {(study.reference, name, "crops") for name in study.linkages}
    for record in found.values():
        assert record["state"] == "done" and len(record["images"]) >= 60
        assert all(image["identical"] is True for image in record["images"])


def test_the_method_beats_components_of_its_own_semantic_map_and_the_ceiling_is_high():
    ap = {
        (record["cell"]["backend"], record["cell"]["linkage"]): record["scores"]["ap"]
        for record in default_records()
        if record["scores"]
    }
    assert ap["c", "average"] >= ap["components", None] + 0.05
    assert ap["truth", "average"] >= 0.95
    assert ap["truth components", None] <= 0.55


def test_every_picture_of_the_readme_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
