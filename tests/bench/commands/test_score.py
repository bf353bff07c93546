"""``python -m bench score``: predictions of other programs get the official scores; errors are one line."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from PIL import Image

import bench
from bench import cli, paths
from bench.commands.score import name_methods
from bench.evaluation.bootstrap import paired_interval
from bench.evaluation.in_memory import evaluate
from bench.evaluation.official import evaluate as evaluate_officially
from bench.evaluation.prediction_folder import write_predictions
from bench.runner import records
from bench.types import Instance

FILES = {"records.jsonl", "accuracy.csv", "comparison.csv", "report.md", "pictures.png"}


@pytest.fixture(scope="module")
def truth(few, few_names):
    """The objects of every image as predictions, all with the same score."""
    found = {}
    for name in few_names:
        sample = few.load("train", name)
        found[name] = []
        for number in range(1, sample.instances.max() + 1):
            mask = sample.instances == number
            class_name = few.class_names[sample.semantic[mask][0] - 1]
            found[name].append(Instance(mask, class_name, 0.5))
    return found


@pytest.fixture(scope="module")
def shaken(truth):
    """The same moved, some of them lost, found twice or of another class, with other scores."""
    random = np.random.default_rng(0)

    def moved(one):
        class_name = one.class_name if random.random() < 0.9 else "car"
        mask = np.roll(one.mask, random.integers(0, 3), axis=1)
        return Instance(mask, class_name, round(float(random.random()), 2))

    return {
        name: [moved(one) for one in instances for _ in range(random.integers(0, 3))]
        for name, instances in truth.items()
    }


@pytest.fixture(scope="module")
def folders(truth, shaken, tmp_path_factory):
    """Predictions by the names ``perfect`` and ``shaken``."""
    place = tmp_path_factory.mktemp("predictions")
    write_predictions(place / "perfect", truth)
    write_predictions(place / "shaken", shaken)
    return place


@pytest.fixture(scope="module")
def invoke(few_scenes):
    def run(*arguments):
        options = ["--root", few_scenes, "--split", "train"]
        return CliRunner().invoke(cli.main, ["score", *map(str, [*options, *arguments])])

    return run


@pytest.fixture(scope="module")
def scored(invoke, folders, few_study, tmp_path_factory):
    """The outcome of two folders beside a study, and where the report lies."""
    out = tmp_path_factory.mktemp("scored")
    given = [folders / "shaken", folders / "perfect", "--beside", few_study[0]]
    return invoke(*given, "--out", out), out


def records_of(out):
    return {each["cell"]["backend"]: each for each in records.read(out / "records.jsonl")}


def test_the_ground_truth_scores_one_and_all_files_are_written(scored):
    outcome, out = scored
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in out.iterdir()} == FILES
    found = records_of(out)
    assert list(found) == ["shaken", "perfect", "ours"]
    assert (found["perfect"]["scores"]["ap"], found["perfect"]["scores"]["ap50"]) == (1, 1)
    assert 0 < found["shaken"]["scores"]["ap"] < 1


def test_the_scores_are_the_official_ones_of_what_was_written(scored, few, shaken, few_names):
    truth_files = {name: few.truth_path("train", name) for name in few_names}
    official = evaluate_officially(shaken, truth_files)
    assert records_of(scored[1])["shaken"]["scores"] == official.to_dict()


def test_a_studys_instances_score_as_the_study_says(scored, few_study):
    """The record names their model and linkage, which are unknown of other programs."""
    found = records_of(scored[1])
    _, of_study = few_study
    (origin,) = [
        record
        for record in of_study.records
        if record["cell"]["backend"] == "c"
        and (record["cell"]["linkage"], record["cell"]["scope"]) == ("average", "maps")
    ]
    assert found["ours"]["scores"] == origin["scores"]
    for entry in ("model", "linkage"):
        assert found["ours"]["cell"][entry] == origin["cell"][entry]
        assert found["shaken"]["cell"][entry] is None
    for entry in ("images", "annotation", "weights", "bench"):
        assert found["ours"]["hashes"][entry] == origin["hashes"][entry]
    assert found["shaken"]["hashes"]["weights"] == "unknown"


def test_the_tables_are_printed_and_stand_in_the_report(scored):
    outcome, out = scored
    page = (out / "report.md").read_text()
    tables = [part for part in page.split("\n\n") if part.startswith("|")]
    assert len(tables) == 2 and all(table in outcome.stdout for table in tables)
    assert "](pictures.png)" in page and str(out / "report.md") in outcome.stdout
    accuracy = pd.read_csv(out / "accuracy.csv").set_index("method")
    for method, record in records_of(out).items():
        assert accuracy.loc[method, "AP"] == record["scores"]["ap"]
        assert accuracy.loc[method, "images"] == 4


def test_the_others_are_compared_with_the_first(scored, few, few_names, truth, shaken):
    annotations = {name: few.annotation("train", name) for name in few_names}
    before, after = (evaluate(each, annotations, few.class_names) for each in (shaken, truth))
    table = pd.read_csv(scored[1] / "comparison.csv").set_index("method")
    interval = paired_interval(before, after)
    assert table.loc["shaken", ["change", "change_low", "change_high"]].isna().all()
    assert tuple(table.loc["perfect", ["change", "change_low", "change_high"]]) == pytest.approx(
        (interval.difference, interval.low, interval.high)
    )
    assert interval.low > 0
    for size, scores in before.by_size().items():
        assert table.loc["shaken", size] == pytest.approx(scores.ap, nan_ok=True)
    shown = f"{interval.difference:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"
    assert shown in scored[0].stdout


def test_the_pictures_have_a_column_for_each_method(scored, invoke, folders, tmp_path):
    """More columns are narrower, so their rows are lower."""
    heights = []
    outcome = invoke(folders / "perfect", "--out", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    for place in (tmp_path, scored[1]):
        with Image.open(place / "pictures.png") as picture:
            assert picture.width == 1600
            heights.append(picture.height - 30)
    panels = [(1600 - 6 * (columns - 1)) // columns for columns in (3, 5)]
    assert heights == [4 * (round(panel * 96 / 160) + 6) for panel in panels]


def test_one_method_alone_has_no_change(invoke, folders, tmp_path):
    outcome = invoke(folders / "perfect", "--limit", 2, "--out", tmp_path)
    assert outcome.exit_code == 0, outcome.output
    page = (tmp_path / "report.md").read_text()
    assert page.startswith("# Scores on scenes train\n\n2 images, scored by cityscapesScripts ")
    assert "change" not in page
    (record,) = records.read(tmp_path / "records.jsonl")
    assert record["scores"]["num_images"] == 2


def test_a_record_is_of_its_predictions_and_images_wherever_they_lie(
    invoke, folders, truth, tmp_path
):
    """The key is the same for the same masks; other masks and fewer images have another key."""
    write_predictions(tmp_path / "perfect", truth)
    keys = []
    for place, more in (
        (folders / "perfect", []),
        (tmp_path / "perfect", []),
        (folders / "perfect", ["--limit", 2]),
        (folders / "shaken", ["--name", "perfect"]),
    ):
        outcome = invoke(place, *more, "--out", tmp_path / "out")
        assert outcome.exit_code == 0, outcome.output
        keys += [each["key"] for each in records.read(tmp_path / "out" / "records.jsonl")]
    assert keys[0] == keys[1] and len(set(keys)) == 3


def test_labels_that_are_not_scored_are_named_once(invoke, truth, few_names, tmp_path):
    write_predictions(tmp_path / "theirs", truth)
    for name in few_names[:2]:
        with (tmp_path / "theirs" / f"{name}_pred.txt").open("a") as file:
            file.write("nowhere.png 29 0.5\n")
    outcome = invoke(tmp_path / "theirs", "--out", tmp_path / "out")
    line = "theirs: 2 predictions of labels that are not scored are left out: caravan 2"
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.count(line) == 1
    assert (tmp_path / "out" / "report.md").read_text().count(line) == 1
    assert records_of(tmp_path / "out")["theirs"]["scores"]["ap"] == 1


def test_of_overlapping_masks_the_highest_score_is_drawn_last(invoke, truth, tmp_path):
    doubled = {
        name: [*instances, *(Instance(one.mask, one.class_name, 0.1) for one in instances)]
        for name, instances in truth.items()
    }
    write_predictions(tmp_path / "once", truth)
    write_predictions(tmp_path / "twice", doubled)
    pictures = []
    for name in ("once", "twice"):
        out = tmp_path / f"out-{name}"
        outcome = invoke(tmp_path / name, "--name", "it", "--out", out)
        assert outcome.exit_code == 0, outcome.output
        pictures.append(np.asarray(Image.open(out / "pictures.png")))
    np.testing.assert_array_equal(*pictures)


def test_a_folder_of_images_has_labels_in_the_order_of_classes(tmp_path):
    labels = np.zeros((40, 60), dtype=np.uint8)
    labels[3:9, 4:20], labels[20:30, 30:50] = 3, 7
    for part, pixels in (("images", labels * 20), ("labels", labels)):
        (tmp_path / "val" / part).mkdir(parents=True)
        Image.fromarray(pixels).save(tmp_path / "val" / part / "leaf 1.png")
    (tmp_path / "classes.json").write_text(
        '{"classes": ["leaf", "stem"], "objects": {"leaf 1": {"7": "stem"}}}'
    )
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "leaf 1_pred.txt").write_text("3.png 1 0.5\n7.png 2 0.5\n")
    for number in (3, 7):
        Image.fromarray(np.uint8(labels == number)).save(theirs / f"{number}.png")
    arguments = [
        "score",
        theirs,
        "--dataset",
        "folder",
        "--root",
        tmp_path,
        "--out",
        tmp_path / "o",
    ]
    outcome = CliRunner().invoke(cli.main, [str(argument) for argument in arguments])
    assert outcome.exit_code == 0, outcome.output
    (record,) = records.read(tmp_path / "o" / "records.jsonl")
    assert record["scores"]["per_class"] == {"leaf": [1, 1], "stem": [1, 1]}
    assert record["scores"]["object_accuracy"] == [1] * 10


def one_line_error(outcome):
    assert outcome.exit_code == 1, outcome.output
    lines = [line for line in outcome.stderr.splitlines() if line]
    (line,) = [one for one in lines if "image/s]" not in one]  # the rest are progress bars
    assert line.startswith("Error: ")
    return line


def test_wrong_predictions_are_one_line_and_write_nothing(invoke, folders, few_names, tmp_path):
    out = tmp_path / "out"
    line = one_line_error(invoke(tmp_path / "nowhere", "--out", out))
    assert "nowhere: is no folder; name one that holds" in line
    empty = tmp_path / "empty"
    empty.mkdir()
    line = one_line_error(invoke(empty, "--out", out))
    assert f"no predictions of image {few_names[0]} and of 3 others; write" in line
    write_predictions(tmp_path / "bad", {name: [] for name in few_names})
    (tmp_path / "bad" / f"{few_names[2]}_pred.txt").write_text("a.png 26 high\n")
    line = one_line_error(invoke(tmp_path / "bad", "--out", out))
    assert f"{few_names[2]}_pred.txt, line 1: score 'high' is no finite number" in line
    line = one_line_error(invoke(folders / "perfect", "--split", "test", "--out", out))
    assert "holds no images of split 'test'" in line
    assert not out.exists()


def test_every_method_has_a_name_of_its_own(tmp_path, monkeypatch):
    folders = [tmp_path / "a" / "results", tmp_path / "b" / "results"]
    with pytest.raises(ValueError, match="b/results: 'results' is no name of its own; .*--name"):
        name_methods(folders, [], None)
    with pytest.raises(ValueError, match="--name: 1 names for 2 folders"):
        name_methods(folders, ["a"], None)
    with pytest.raises(ValueError, match="b/results: 'x' is no name of its own"):
        name_methods(folders, ["x", "x"], None)
    named = name_methods(folders, ["x", "y"], tmp_path / "runs")
    assert named == dict(zip(["x", "y", "runs"], [*folders, tmp_path / "runs"], strict=True))
    monkeypatch.chdir(tmp_path)
    assert list(name_methods([Path(".")], [], None)) == [tmp_path.name]


def test_the_report_lies_in_runs_by_default(invoke, folders, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "RUNS", tmp_path)
    outcome = invoke(folders / "perfect", "--limit", 1)
    assert outcome.exit_code == 0, outcome.output
    assert {path.name for path in (tmp_path / "score" / "perfect").iterdir()} == FILES


WITHOUT_TORCH = """
import sys

sys.modules["torch"] = None  # so that importing it fails
from bench.cli import main

main(["score", *sys.argv[1:]])
"""


def test_scoring_needs_no_networks(few_scenes, folders, few_study, tmp_path):
    given = [folders / "perfect", "--beside", few_study[0], "--root", few_scenes]
    arguments = [*given, "--split", "train", "--out", tmp_path]
    command = [sys.executable, "-c", WITHOUT_TORCH, *map(str, arguments)]
    root = Path(bench.__file__).parent.parent
    run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
