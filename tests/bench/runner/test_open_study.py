"""A plan of some images generates these alone; a run generates the whole split."""

from dataclasses import replace

import pytest

from bench import paths
from bench.datasets.scenes import generate, reader, scene_files
from bench.datasets.scenes.scene_files import scene_ids
from bench.runner.open_study import ImagesOfPlan, open_pipeline_and_dataset

SIZE, IMAGES = (64, 128), 6


@pytest.fixture
def small_scenes(tmp_path, monkeypatch):
    """The default folder of the scenes, which is empty; scenes are few and small."""
    folder = tmp_path / "data" / "scenes"
    monkeypatch.setattr(paths, "default_data_folder", lambda name: folder)
    monkeypatch.setattr(reader, "SIZE", SIZE)
    monkeypatch.setattr(reader, "SPLIT_SIZES", {"val": IMAGES})
    return folder


@pytest.fixture
def opened_names(small_study, tiny_model, tmp_path):
    """A function that opens the study for a plan of some images, and returns the names of its images."""

    def names(count, tuning=False):
        plan = None if count is None else ImagesOfPlan(count, tmp_path / "plan")
        study = replace(small_study, source=replace(small_study.images, tuning=tuning))
        _, dataset = open_pipeline_and_dataset(
            study, None, str(tiny_model), tmp_path / "cache", plan=plan
        )
        return dataset.names("val")

    return names


def test_a_plan_of_some_images_generates_these_alone(small_scenes, opened_names):
    first, second, *_ = every = sorted(each.name for each in scene_ids({"val": IMAGES}))
    assert opened_names(2) == [first, second] and not small_scenes.exists()
    assert opened_names(None) == every


def test_a_plan_takes_the_images_that_are_there(small_scenes, opened_names, tmp_path):
    generate(small_scenes, {"val": IMAGES}, SIZE, scene_files.SEED)
    assert len(opened_names(2)) == IMAGES and not (tmp_path / "plan").exists()


def test_a_plan_of_a_tuning_slice_generates_the_split(small_scenes, opened_names):
    assert len(opened_names(1, tuning=True)) == IMAGES
