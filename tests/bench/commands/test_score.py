"""``python -m bench score`` writes the official scores of predictions to records, tables and pictures."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

import bench
from bench import paths
from bench.evaluation.average_precision import SIZE_RANGES
from bench.evaluation.bootstrap import paired_bootstrap
from bench.evaluation.in_memory import evaluate
from bench.evaluation.official import evaluate as evaluate_officially
from bench.evaluation.prediction_writer import write_predictions
from bench.runner import records
from bench.runner.input_digests import code_digests

FILES = {"records.jsonl", "accuracy.csv", "comparison.csv", "report.md", "pictures.png"}


@pytest.fixture(scope="module")
def scored(score, prediction_folders, few_study, tmp_path_factory):
    """The outcome and the report folder of a command that scores two folders together with a study."""
    out = tmp_path_factory.mktemp("scored")
    given = [
        prediction_folders / "shaken",
        prediction_folders / "perfect",
        "--beside",
        few_study[0],
    ]
    return score(*given, "--out", out), out


def records_of(out):
    return {each.cell.backend: each for each in records.read(out / "records.jsonl")}


def test_the_ground_truth_scores_one_and_all_files_are_written(scored):
    outcome, out = scored
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in out.iterdir()} == FILES
    found = records_of(out)
    assert list(found) == ["shaken", "perfect", "ours"]
    assert (found["perfect"].scores["ap"], found["perfect"].scores["ap50"]) == (1, 1)
    assert 0 < found["shaken"].scores["ap"] < 1


def test_the_scores_equal_the_official_scores_of_the_files(scored, few, shaken, few_names):
    truth_files = {name: few.truth_path("train", name) for name in few_names}
    official = evaluate_officially(shaken, truth_files)
    scores = dict(records_of(scored[1])["shaken"].scores)
    assert scores.pop("by_size").keys() == SIZE_RANGES.keys()
    assert scores == official.to_dict()


def test_instances_of_a_study_score_as_in_its_record(scored, few_study):
    """The record has their model and linkage, which it cannot have for predictions of other programs."""
    found = records_of(scored[1])
    _, of_study = few_study
    (origin,) = [
        record
        for record in of_study.records
        if record.cell.backend == "c"
        and (record.cell.linkage, record.cell.scope) == ("average", "maps")
    ]
    assert found["ours"].scores == origin.scores
    for entry in ("model", "linkage"):
        assert getattr(found["ours"].cell, entry) == getattr(origin.cell, entry)
        assert getattr(found["shaken"].cell, entry) is None
    for entry in ("images", "annotation", "weights"):
        assert found["ours"].hashes[entry] == origin.hashes[entry]
    # The record has the digest of the code that scored, which is the same for all methods of a page.
    code = code_digests("bench.runner.scored_predictions")["bench"]
    assert {found["ours"].hashes["bench"], found["shaken"].hashes["bench"]} == {code}
    assert found["shaken"].hashes["weights"] == "unknown"


def test_the_tables_are_printed_and_written_to_the_report(scored):
    outcome, out = scored
    page = (out / "report.md").read_text()
    tables = [part for part in page.split("\n\n") if part.startswith("|")]
    assert len(tables) == 3 and all(table in outcome.stdout for table in tables)
    assert "](pictures.png)" in page and str(out / "report.md") in outcome.stdout
    accuracy = pd.read_csv(out / "accuracy.csv").set_index("method")
    for method, record in records_of(out).items():
        assert accuracy.loc[method, "AP"] == record.scores["ap"]
        assert accuracy.loc[method, "images"] == 4


def test_every_other_method_is_compared_with_the_first(scored, few, few_names, perfect, shaken):
    annotations = {name: few.annotation("train", name) for name in few_names}
    before, after = (evaluate(each, annotations, few.class_names) for each in (shaken, perfect))
    table = pd.read_csv(scored[1] / "comparison.csv").set_index("method")
    interval = paired_bootstrap(before, after)
    assert table.loc["shaken", ["change", "change_low", "change_high"]].isna().all()
    assert tuple(table.loc["perfect", ["change", "change_low", "change_high"]]) == pytest.approx(
        (interval.difference, interval.low, interval.high)
    )
    assert interval.low > 0
    for size, scores in before.ap_scores_by_size().items():
        assert table.loc["shaken", size] == pytest.approx(scores.ap, nan_ok=True)
    assert f" {interval.difference:+.3f} (–) |" in scored[0].stdout, "four images are too few"


def test_the_pictures_have_a_column_for_each_method(
    scored, score, quick, prediction_folders, tmp_path
):
    """With more columns, each column is narrower, so that rows are lower."""
    heights = []
    outcome = score(prediction_folders / "perfect", "--out", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    for place in (tmp_path, scored[1]):
        with Image.open(place / "pictures.png") as picture:
            assert picture.width == 1600
            heights.append(picture.height - 30)
    panels = [(1600 - 6 * (columns - 1)) // columns for columns in (3, 5)]
    assert heights == [4 * (round(panel * 96 / 160) + 6) for panel in panels]


def test_a_single_method_has_no_column_of_changes(score, prediction_folders, tmp_path):
    outcome = score(prediction_folders / "perfect", "--limit", 2, "--out", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    page = (tmp_path / "report.md").read_text()
    assert page.startswith("# Scores on scenes train\n\n2 images, scored by cityscapesScripts ")
    assert "change" not in page
    (record,) = records.read(tmp_path / "records.jsonl")
    assert record.scores["num_images"] == 2


def test_a_record_does_not_depend_on_where_the_files_are(
    score, quick, prediction_folders, perfect, tmp_path
):
    """The key depends on the masks and on which images are scored."""
    write_predictions(tmp_path / "perfect", perfect)
    keys = []
    for place, more in (
        (prediction_folders / "perfect", []),
        (tmp_path / "perfect", []),
        (prediction_folders / "perfect", ["--limit", 2]),
        (prediction_folders / "shaken", ["--name", "perfect"]),
    ):
        outcome = score(place, *more, "--out", tmp_path / "out")
        assert outcome.exit_code == 0, outcome.output
        keys += [each.key for each in records.read(tmp_path / "out" / "records.jsonl")]
    assert keys[0] == keys[1] and len(set(keys)) == 3


def test_the_report_is_written_to_runs_by_default(score, prediction_folders, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    outcome = score(prediction_folders / "perfect", "--limit", 1)
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in (tmp_path / "score" / "perfect").iterdir()} == FILES


WITHOUT_TORCH = """
import sys

sys.modules["torch"] = None  # so that importing it fails
from bench.cli import main

main(["score", *sys.argv[1:]])
"""


def test_scoring_needs_no_networks(few_scenes, prediction_folders, few_study, tmp_path):
    given = [prediction_folders / "perfect", "--beside", few_study[0], "--root", few_scenes]
    arguments = [*given, "--split", "train", "--limit", "1", "--out", tmp_path]
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    root = Path(bench.__file__).parent.parent
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
