"""A folder that cannot be written is named before the work begins; an unwritable cache costs no result."""

import errno
import os
import warnings

import pytest
from click.testing import CliRunner

from bench import cli
from bench.cache import AffinityCache, UnwritableCacheWarning
from bench.commands import segment as segment_command
from bench.datasets import scenes
from bench.options import writable_folder
from bench.pipeline.segment import Pipeline
from bench.training import train_from_recipe, tune_model

COMMANDS = {
    "run": ["run", "default"],
    "train": ["train", "--smoke"],
    "segment": ["segment", "{picture}"],
    "score": ["score", "{folder}"],
    "confusion": ["confusion"],
}


@pytest.fixture
def picture(street):
    return next(street.root.rglob("*_leftImg8bit.png"))


def refuse(*_, **__):
    raise AssertionError("the work began")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("place", ["file", "file/below"])
def test_an_out_folder_that_cannot_be_written_is_named_first(
    command, place, tmp_path, picture, monkeypatch
):
    (tmp_path / "file").touch()
    for module, name in (
        (train_from_recipe, "open_dataset"),
        (segment_command, "find_pictures_and_skipped"),
        (scenes, "generate"),
    ):
        monkeypatch.setattr(module, name, refuse)
    arguments = [part.format(picture=picture, folder=tmp_path) for part in COMMANDS[command]]
    out = tmp_path / place
    outcome = CliRunner().invoke(cli.main, [*arguments, "--out", str(out)])
    assert outcome.exit_code == 2, outcome.output
    (line,) = outcome.stderr.splitlines()[-1:]
    assert "cannot be written" in line or f"Directory '{out}' is a file" in line


def test_tune_checks_that_the_model_can_be_written(tmp_path, monkeypatch):
    monkeypatch.setattr(tune_model, "_open_pipeline_and_tuning_slice", refuse)
    (tmp_path / "model").touch()
    with pytest.raises(OSError, match="model cannot be written: it is a file; choose another"):
        tune_model.tune_model(tmp_path / "model", "scenes", tmp_path, tmp_path, None)


def predict(pipeline, image):
    return pipeline.predict_whole_image(pipeline.predictor(image))


@pytest.fixture
def image(street):
    return street.image("val", street.names("val")[0])


def assert_predicted_with_one_warning(pipeline, image, expected, reason):
    with pytest.warns(UnwritableCacheWarning, match=reason) as warned:
        found = [predict(pipeline, image), predict(pipeline, image[:, :64])]
    assert len(warned) == 1, [str(each.message) for each in warned]
    message = str(warned[0].message)
    assert "\n" not in message and "free space or choose another folder, or name another" in message
    assert str(pipeline.networks.cache.folder) in message
    assert (found[0].affinity == expected.affinity).all()


def test_a_full_disk_under_the_cache_costs_no_prediction(tiny_model, image, tmp_path, monkeypatch):
    expected = predict(Pipeline(tiny_model, AffinityCache(tmp_path / "good")), image)

    def fail(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "full"))
    assert_predicted_with_one_warning(pipeline, image, expected, "No space left on device")
    assert not [path for path in (tmp_path / "full").rglob("*") if path.is_file()]


def test_a_cache_folder_that_is_a_file_costs_no_prediction(tiny_model, image, tmp_path):
    expected = predict(Pipeline(tiny_model, AffinityCache(tmp_path / "good")), image)
    (tmp_path / "file").touch()
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "file"))
    assert_predicted_with_one_warning(pipeline, image, expected, "Not a directory|File exists")


def test_networks_do_not_run_in_advance_for_an_unwritable_cache(tiny_model, image, tmp_path):
    pipeline = Pipeline(tiny_model, AffinityCache(tmp_path / "cache"))
    pipeline.networks.cache.is_writable = False
    pipeline.fill_cache(pipeline.predictor(image))
    assert "model" not in vars(pipeline.networks)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        predict(pipeline, image)
    assert not (tmp_path / "cache").exists()


def test_old_temporary_files_of_killed_commands_are_removed(tmp_path):
    old, young = (
        tmp_path / ".a.png.12345678.partial",
        tmp_path / "below" / ".b.png.abcdefgh.partial",
    )
    young.parent.mkdir()
    old.touch(), young.touch()
    os.utime(old, (0, 0))
    assert writable_folder(tmp_path) == tmp_path
    assert not old.exists() and young.exists(), "another process may be writing this one"
