"""Written predictions are read back unchanged, and a folder is written completely or not at all."""

import numpy as np
import pytest

from bench.evaluation import prediction_writer
from bench.evaluation.prediction_reader import PredictionReader
from bench.evaluation.prediction_writer import write_predictions
from bench.types import Instance

SIZE = (13, 21)


def instance(seed: int, class_name: str = "car") -> Instance:
    rng = np.random.default_rng(seed)
    return Instance(rng.random(SIZE) < 0.5, class_name, float(rng.random()))


def test_reading_gives_back_what_was_written(tmp_path):
    written = {"town/b": [instance(0), instance(1, "rider")], "a": []}
    write_predictions(tmp_path / "new" / "folder", written)
    reader = PredictionReader(tmp_path / "new" / "folder", written)
    assert reader.read_instances("a", SIZE) == []
    for after, before in zip(reader.read_instances("town/b", SIZE), written["town/b"], strict=True):
        assert (after.class_name, after.confidence) == (before.class_name, before.confidence)
        assert np.array_equal(after.mask, before.mask)


def test_the_text_file_is_in_the_official_format(tmp_path):
    write_predictions(tmp_path / "p", {"a": [Instance(np.ones((3, 4), bool), "bicycle", 0.25)]})
    assert (tmp_path / "p" / "a_pred.txt").read_text() == "masks/a_0000.png 33 0.25\n"


def test_writing_again_replaces_the_folder(tmp_path):
    write_predictions(tmp_path / "p", {"a": [instance(0)], "b": []})
    write_predictions(tmp_path / "p", {"c": []})
    assert {entry.name for entry in (tmp_path / "p").iterdir()} == {"c_pred.txt", "masks"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["p"]


def test_an_interrupted_write_leaves_the_old_folder(tmp_path, monkeypatch):
    write_predictions(tmp_path / "p", {"a": [instance(0)]})

    def interrupted(folder, name, instances):
        raise KeyboardInterrupt

    monkeypatch.setattr(prediction_writer, "_write_image_predictions", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_predictions(tmp_path / "p", {"a": [], "b": []})
    assert len(PredictionReader(tmp_path / "p", ["a"]).read_instances("a", SIZE)) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["p"]


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match="holds files that are not predictions"):
        write_predictions(tmp_path, {"a": []})
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("name", ["", "with space", "../up", "/rooted", "city//frame"])
def test_names_that_the_format_cannot_hold_are_refused(tmp_path, name):
    with pytest.raises(ValueError, match="image name"):
        write_predictions(tmp_path / "p", {name: []})
