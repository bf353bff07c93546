"""``bench tune`` on a folder of images: it chooses the best settings, and records all that it tried."""

import json
import os
import re
import shutil
import weakref
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from bench import cli
from bench.datasets.image_folder import fold_of_name
from bench.pipeline.segment import Pipeline
from bench.training import merge_settings_search
from bench.training.merge_settings_search import INITIAL_THRESHOLDS, thresholds_for_stages
from merge_impls.folder_lock import lock_folder
from models.model_config import read_config, write_config


@pytest.fixture
def touching_objects(tmp_path):
    """A folder of eight images. Each has two objects that touch."""
    root = tmp_path / "touching_objects"
    for folder in ("images", "labels"):
        (root / "train" / folder).mkdir(parents=True)
    for number in range(8):
        labels = np.zeros((40, 48), np.uint16)
        labels[4 : 20 + number, 4:20], labels[4 : 20 + number, 20:40] = 1, 2
        Image.fromarray(labels).save(root / "train" / "labels" / f"{number}.png")
        Image.fromarray((labels * 100).astype(np.uint8)).save(
            root / "train" / "images" / f"{number}.png"
        )
    return root


@pytest.fixture
def model(random_model, tiny_model, tmp_path):
    config = read_config(tiny_model / "model.toml")
    networks = {"semantic": replace(config.semantic, channels=2), "affinity": config.affinity}
    classes = {"classes": ("object",), "super_classes": (("object",),)}
    return random_model(tmp_path / "model", **classes, **networks)


def run_tune(model, root, tmp_path, *more):
    cache = str(tmp_path / "cache")
    arguments = [str(model), "--root", str(root), "--cache", cache, *more]
    return CliRunner().invoke(cli.main, ["tune", *arguments])


@pytest.mark.parametrize("objective", ["ap", "score"])
def test_the_best_settings_on_one_fold_are_chosen(touching_objects, model, tmp_path, objective):
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder", "--by", objective)
    assert outcome.exit_code == 0, outcome.output
    record = json.loads((model / "tuning.json").read_text())
    assert record["images"] == [str(n) for n in range(8) if fold_of_name(str(n)) == 0]
    assert record["by"] == objective
    chosen = read_config(model / "model.toml")
    for linkage, tried in record["tried"].items():
        best = max(each[objective] for each in tried)
        numbers = chosen.merge_config(linkage)
        (mine,) = [
            each
            for each in tried
            if tuple(each["thresholds"]) == numbers.thresholds
            and each["min_pixels"] == numbers.min_object_pixels
        ]
        assert mine[objective] == best


def test_a_model_of_other_classes_is_an_error_of_one_line(touching_objects, tiny_model, tmp_path):
    model = shutil.copytree(tiny_model, tmp_path / "other")
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder")
    assert outcome.exit_code == 2
    assert "has classes person, rider" in outcome.stderr and "trained on these" in outcome.stderr


def test_an_unknown_device_is_an_error_of_one_line(touching_objects, model, tmp_path):
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder", "--device", "tpu")
    assert outcome.exit_code == 2
    assert outcome.stderr == "Error: device is 'tpu'; it must be 'cpu', 'cuda' or 'cuda:N'\n"


def test_a_linkage_that_the_model_lacks_is_added_to_it(touching_objects, model, tmp_path):
    config = read_config(model / "model.toml")
    only = {"average": config.merge["average"]}
    write_config(replace(config, merge=only), model / "model.toml")
    outcome = run_tune(
        model, touching_objects, tmp_path, "--dataset", "folder", "--linkage", "weighted"
    )
    assert outcome.exit_code == 0, outcome.output
    merge = read_config(model / "model.toml").merge
    assert merge.keys() == {"average", "weighted"} and merge["average"] == only["average"]
    assert json.loads((model / "tuning-weighted.json").read_text())["tried"].keys() == {"weighted"}


def test_each_step_is_printed_with_its_number(touching_objects, model, tmp_path):
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder")
    record = json.loads((model / "tuning.json").read_text())
    for linkage, tried in record["tried"].items():
        steps = re.findall(rf"^{linkage}, (\d+) of at most (\d+): ", outcome.stdout, re.MULTILINE)
        assert [int(number) for number, _ in steps] == [*range(1, 1 + len(tried))]
        assert {int(largest) >= len(tried) for _, largest in steps} == {True}


@pytest.mark.parametrize("stages", [1, 2, 3, 4])
def test_the_search_starts_with_a_threshold_for_each_stage(stages):
    for initial in INITIAL_THRESHOLDS:
        found = thresholds_for_stages(initial, stages)
        assert len(found) == stages
        assert found[:3] == initial[:stages]
        assert {*found[3:]} <= {initial[-1]}


def test_no_setting_is_tried_with_thresholds_for_missing_stages(touching_objects, model, tmp_path):
    """The model has two stages."""
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder")
    assert outcome.exit_code == 0, outcome.output
    tried = json.loads((model / "tuning.json").read_text())["tried"]
    counts = {len(each["thresholds"]) for of_linkage in tried.values() for each in of_linkage}
    assert counts == {len(read_config(model / "model.toml").stages)} == {2}


def test_a_model_that_another_process_tunes_is_refused(touching_objects, model, tmp_path):
    before = (model / "model.toml").read_bytes()
    descriptor = lock_folder(model)
    outcome = run_tune(model, touching_objects, tmp_path)
    os.close(descriptor)
    assert outcome.exit_code == 2 and f"{model} is in use by another run; " in outcome.stderr
    assert (model / "model.toml").read_bytes() == before and not (model / "tuning.json").exists()


def test_the_graphs_of_one_image_at_a_time_are_in_memory(
    touching_objects, model, tmp_path, monkeypatch
):
    """Each pass of the search reads every image again, when those before it are freed."""
    made, images = [], []

    def graphs_when_others_are_freed(pipeline, predictor):
        assert not [each for each in made if each() is not None]
        found = whole_graphs(pipeline, predictor)
        made.extend(map(weakref.ref, found))
        images.append(predictor.image_size)
        return found

    whole_graphs = Pipeline.graphs
    monkeypatch.setattr(Pipeline, "graphs", graphs_when_others_are_freed)
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder")
    assert outcome.exit_code == 0, outcome.output
    names = json.loads((model / "tuning.json").read_text())["images"]
    assert len(names) > 1 and len(images) % len(names) == 0 and len(images) > len(names)


def test_equally_good_settings_are_said_to_be_so(touching_objects, model, tmp_path, monkeypatch):
    monkeypatch.setitem(merge_settings_search.OBJECTIVES, "ap", lambda evaluation: 0.0)
    before = read_config(model / "model.toml").merge
    outcome = run_tune(model, touching_objects, tmp_path, "--dataset", "folder")
    assert outcome.exit_code == 0, outcome.output
    for linkage in before:
        assert re.search(rf"{linkage}: all \d+ settings are equally good", outcome.stdout)
    assert read_config(model / "model.toml").merge == before
