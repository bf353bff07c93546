"""Table 1 has the published rows and those of the evaluation server, and no row of another split."""

import csv
import json

import pytest
from click.testing import CliRunner

from bench import cli
from bench.datasets.cityscapes_labels import CLASS_NAMES
from bench.report.tables.published_table1 import TABLE1_COLUMNS, table1

OWN = {
    "method": "ours",
    "AP": 26.0,
    "AP50": 44.0,
    "classes": dict.fromkeys(CLASS_NAMES, 26.0),
}
HEAD = {"source": "server, 1 May", "dataset": "cityscapes", "split": "test"}


def toml(head, row):
    lines = [f"{key} = {json.dumps(value)}" for key, value in head.items()]
    entries = {key: value for key, value in row.items() if key != "classes"}
    lines += ["[[rows]]", *(f"{key} = {json.dumps(value)}" for key, value in entries.items())]
    classes = row.get("classes", {})
    inline = ", ".join(f"{name} = {value}" for name, value in classes.items())
    return "\n".join([*lines, f"classes = {{ {inline} }}"])


def test_ap_of_published_rows_is_the_mean_of_their_classes():
    table = table1()
    assert set(table["origin"]) == {"published"} and table["method"].iloc[-1] == "the paper"
    means = table[[*CLASS_NAMES]].mean(axis=1)
    assert (means - table["AP"]).abs().max() <= 0.001  # figures are printed with one decimal
    assert (table["AP50"] > table["AP"]).all() and table["AP"].is_monotonic_increasing


def test_figures_of_the_server_are_added_and_marked(tmp_path):
    (tmp_path / "own.toml").write_text(toml(HEAD, OWN))
    options = ["--server", str(tmp_path / "own.toml"), "--out", str(tmp_path / "table1.csv")]
    outcome = CliRunner().invoke(cli.main, ["table1", *options])
    assert outcome.exit_code == 0, outcome.output
    with (tmp_path / "table1.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == TABLE1_COLUMNS
    assert [row["method"] for row in rows if row["origin"] != "published"] == ["ours"]
    assert rows[-1]["AP"] == "0.26" and "| ours" in outcome.stdout


@pytest.mark.parametrize(
    ("head", "row", "message"),
    [
        (HEAD | {"split": "val"}, OWN, "split: 'val' is not one of"),
        (HEAD | {"dataset": "scenes"}, OWN, "dataset: 'scenes' is not one of"),
        ({"source": "server"}, OWN, "required"),
        (HEAD, OWN | {"method": "SGN"}, "'SGN' has a row already"),
        (HEAD, OWN | {"AP": 101}, "maximum"),
        (HEAD, OWN | {"classes": {"car": 3.0}}, "required"),
        (
            HEAD,
            OWN | {"AP": 0.2, "AP50": 0.4, "classes": dict.fromkeys(CLASS_NAMES, 0.2)},
            "percent",
        ),
    ],
)
def test_rows_that_are_not_of_the_server_are_refused(tmp_path, head, row, message):
    path = tmp_path / "own.toml"
    path.write_text(toml(head, row))
    with pytest.raises(ValueError, match=message) as error:
        table1([path])
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def test_records_of_a_study_are_refused(tmp_path):
    (tmp_path / "records.jsonl").write_text('{"schema": 1}\n')
    with pytest.raises(ValueError, match="records of a study cannot be in Table 1"):
        table1([tmp_path / "records.jsonl"])
