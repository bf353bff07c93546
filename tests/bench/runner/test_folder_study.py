"""A study on a data set of the format "folder", which is scored in memory."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.evaluation.average_precision import SIZE_RANGES
from bench.methods.all_methods import find_method, methods_in_this_folder
from bench.pipeline.segment import Pipeline
from bench.report.pages.image_study import write_image_study_report
from bench.report.run_summary import (
    describe_absent_optional,
    describe_failed_and_wrong_cells,
    describe_missing_ap,
)
from bench.report.tables.image_study import accuracy_table
from bench.runner.image_problems import ImageProblems
from bench.runner.runner import Runner
from models.model_config import NetworkConfig, read_config
from tests.bench.study_helpers import records_not_done


@pytest.fixture
def cells(tmp_path):
    """A data set of two images of different sizes, each with three square objects."""
    root = tmp_path / "cells"
    for folder in ("images", "labels"):
        (root / "val" / folder).mkdir(parents=True)
    random = np.random.default_rng(0)
    for name, size in {"a": (48, 64), "b": (56, 40)}.items():
        labels = np.zeros(size, np.uint16)
        for number, corner in enumerate([(4, 4), (4, 22), (28, 8)], start=1):
            labels[corner[0] : corner[0] + 12, corner[1] : corner[1] + 12] = number
        picture = random.integers(0, 60, size) + 150 * (labels > 0)
        Image.fromarray(picture.astype(np.uint8)).save(root / "val" / "images" / f"{name}.png")
        Image.fromarray(labels).save(root / "val" / "labels" / f"{name}.png")
    return open_dataset("folder", root)


@pytest.fixture
def model(random_model, tiny_model, tmp_path):
    channels = {"semantic": 2, "affinity": 24}
    config = read_config(tiny_model / "model.toml")
    networks: dict[str, NetworkConfig] = {
        name: replace(getattr(config, name), channels=count) for name, count in channels.items()
    }
    return random_model(
        tmp_path / "model",
        classes=("object",),
        super_classes=(("object",),),
        stretch=True,
        **networks,
    )


@pytest.fixture
def folder_study(small_study):
    return replace(small_study, source=replace(small_study.images, dataset="folder"))


def run(cells, model, folder_study, folder):
    study = replace(folder_study, scored_alone=("components", "truth"))
    problems = ImageProblems(study, cells, Pipeline(model, AffinityCache(folder / "cache")))
    return Runner(problems, folder).run()


def test_scores_are_those_of_the_evaluation_in_memory(cells, model, folder_study, tmp_path):
    found = run(cells, model, folder_study, tmp_path)
    assert not records_not_done(found)
    (truth,) = [r.scores for r in found.records if r.cell.backend == "truth"]
    assert truth["evaluator"].startswith("in memory")
    assert truth["ap"] == 1
    assert truth["object_accuracy"] == truth["object_accuracy_pooled"] == [1] * 10
    by_size = {tuple(scores) for scores in truth["by_size"].values()}
    assert truth["by_size"].keys() == SIZE_RANGES.keys() and (1, 1) in by_size
    assert by_size <= {(1, 1), (None, None)}
    table = accuracy_table(found.records).set_index("method")
    assert table.loc["truth", "score at 0.5"] == 1
    assert (table.loc["c", "score at 0.5"] < 1).all()


def test_a_changed_annotation_is_scored_again(cells, model, folder_study, tmp_path):
    before = run(cells, model, folder_study, tmp_path)
    labels = cells.truth_path("val", "a")
    shutil.copy(labels, tmp_path / "kept.png")
    Image.fromarray(np.array(Image.open(labels)) * 0 + np.uint16(1)).save(labels)
    after = run(cells, model, folder_study, tmp_path)
    assert before.records[0].key != after.records[0].key
    shutil.copy(tmp_path / "kept.png", labels)
    again = run(cells, model, folder_study, tmp_path)
    assert again.records == before.records


def test_a_third_party_method_is_scored_or_says_what_to_install(
    cells, model, folder_study, tmp_path, monkeypatch
):
    study = replace(folder_study, scored_alone=("mutex watershed",), backends=("c",))
    pipeline = Pipeline(model, AffinityCache(tmp_path / "cache"))
    method = find_method("mutex watershed")
    absent = replace(method, reason="no_such_module is not installed: pip install bioimage-cpp")
    monkeypatch.setitem(methods_in_this_folder(), method.name, absent)
    found = Runner(ImageProblems(study, cells, pipeline), tmp_path / "absent").run().records[0]
    assert found.state == "unavailable" and "pip install bioimage-cpp" in found.reason
    assert not describe_failed_and_wrong_cells([found]) and describe_absent_optional([found])
    monkeypatch.undo()
    if not method.reason:
        found = Runner(ImageProblems(study, cells, pipeline), tmp_path / "there").run().records[0]
        assert found.state == "done" and found.scores["num_images"] == 2


def test_the_report_of_images_without_objects_says_why_there_is_no_ap(
    cells, model, folder_study, tmp_path
):
    for name in cells.names("val"):
        labels = cells.truth_path("val", name)
        Image.fromarray(np.array(Image.open(labels)) * np.uint16(0)).save(labels)
    found = run(cells, model, folder_study, tmp_path)
    assert not records_not_done(found)
    write_image_study_report(tmp_path / "report", found.records)
    page = (tmp_path / "report" / "report.md").read_text()
    assert "## AP by size of object" in page
    assert "No image has an annotated object that is scored, so there is no AP" in page
    assert not (tmp_path / "report" / "speed_accuracy.png").exists()
    (line,) = describe_missing_ap(found.records)
    assert len(line.splitlines()) == 1


def test_a_report_of_images_with_objects_has_ap(cells, model, folder_study, tmp_path):
    assert describe_missing_ap(run(cells, model, folder_study, tmp_path).records) == []


def test_a_label_map_of_another_size_ends_a_run_before_the_networks(
    cells, model, folder_study, tmp_path, monkeypatch
):
    def fail(*_):
        raise AssertionError("the networks ran")

    monkeypatch.setattr(ImageProblems, "_run_networks", fail)
    path = cells.root / "val" / "labels" / "b.png"
    Image.fromarray(np.zeros((28, 20), np.uint16)).save(path)
    with pytest.raises(
        ValueError, match=r"b.png: is 28x20 pixels \(height x width\), its image 56x40; make"
    ):
        run(cells, model, folder_study, tmp_path / "run")
