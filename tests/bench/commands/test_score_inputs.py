"""``python -m bench score``: which predictions it reads, which it leaves out, and its errors of one line."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.commands.score import folders_by_method
from bench.evaluation.prediction_writer import write_predictions
from bench.runner import records
from bench.types import Instance


def test_labels_that_are_not_scored_are_named_once(score, perfect, few_names, tmp_path):
    write_predictions(tmp_path / "theirs", perfect)
    for name in few_names[:2]:
        with (tmp_path / "theirs" / f"{name}_pred.txt").open("a") as file:
            file.write("nowhere.png 29 0.5\n")
    outcome = score(tmp_path / "theirs", "--out", tmp_path / "out")
    line = "theirs: 2 predictions of labels that are not scored are left out: caravan 2"
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.count(line) == 1
    assert (tmp_path / "out" / "report.md").read_text().count(line) == 1
    (record,) = records.read(tmp_path / "out" / "records.jsonl")
    assert record.scores["ap"] == 1


def test_of_overlapping_masks_the_highest_score_is_drawn_last(score, quick, perfect, tmp_path):
    doubled = {
        name: [*instances, *(Instance(one.mask, one.class_name, 0.1) for one in instances)]
        for name, instances in perfect.items()
    }
    write_predictions(tmp_path / "once", perfect)
    write_predictions(tmp_path / "twice", doubled)
    pictures = []
    for name in ("once", "twice"):
        out = tmp_path / f"out-{name}"
        outcome = score(tmp_path / name, "--name", "it", "--out", out)
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
    assert record.scores["per_class"] == {"leaf": [1, 1], "stem": [1, 1]}
    assert record.scores["object_accuracy"] == [1] * 10


def one_line_error(outcome):
    assert outcome.exit_code == 2, outcome.output
    lines = [line for line in outcome.stderr.splitlines() if line]
    (line,) = [one for one in lines if "image/s]" not in one]  # all other lines are progress bars
    assert line.startswith("Error: ")
    return line


def test_wrong_predictions_are_a_one_line_error_and_write_nothing(
    score, prediction_folders, few_names, tmp_path
):
    out = tmp_path / "out"
    line = one_line_error(score(tmp_path / "nowhere", "--out", out))
    assert "nowhere: is not a folder; choose a folder" in line
    empty = tmp_path / "empty"
    empty.mkdir()
    line = one_line_error(score(empty, "--out", out))
    assert f"no file for image {few_names[0]} and 3 others; write" in line
    write_predictions(tmp_path / "bad", {name: [] for name in few_names})
    (tmp_path / "bad" / f"{few_names[2]}_pred.txt").write_text("a.png 26 high\n")
    line = one_line_error(score(tmp_path / "bad", "--out", out))
    assert f"{few_names[2]}_pred.txt, line 1: confidence 'high' is not a finite number" in line
    line = one_line_error(score(prediction_folders / "perfect", "--split", "test", "--out", out))
    assert "holds no images of split 'test'" in line
    assert not out.exists()


def test_two_methods_of_the_same_name_are_refused(tmp_path, monkeypatch):
    folders = [tmp_path / "a" / "results", tmp_path / "b" / "results"]
    with pytest.raises(
        ValueError, match="b/results: the name 'results' is empty or taken; .*--name"
    ):
        folders_by_method(folders, [], None)
    with pytest.raises(ValueError, match="--name: 1 names for 2 folders"):
        folders_by_method(folders, ["a"], None)
    with pytest.raises(ValueError, match="b/results: the name 'x' is empty or taken"):
        folders_by_method(folders, ["x", "x"], None)
    named = folders_by_method(folders, ["x", "y"], tmp_path / "runs")
    assert named == dict(zip(["x", "y", "runs"], [*folders, tmp_path / "runs"], strict=True))
    monkeypatch.chdir(tmp_path)
    assert list(folders_by_method([Path(".")], [], None)) == [tmp_path.name]
