"""Data sets are found without a list of them, and each has all members of the protocol."""

import importlib
import tomllib
from dataclasses import fields

import pytest
from cityscapesscripts.helpers.labels import labels

import bench.datasets
from bench import paths
from bench.datasets import Dataset, PipelinePreset, datasets, open_dataset
from bench.datasets.cityscapes import Cityscapes
from bench.datasets.scenes import SPLIT_SIZES, Scenes, reader
from bench.datasets.scenes.scene_files import SEED, SIZE
from bench.pipeline.config import PAPER
from bench.runner.study_file import read_study

OFFERED = sorted({*vars(Dataset), *Dataset.__annotations__} - {"root"})

NEW = """
from bench.datasets.dataset import PipelinePreset
from bench.datasets.image_folder import ImageFolder


class Leaves(ImageFolder):
    name = "leaves"
    preset = PipelinePreset(block=4)


DATASET = Leaves
"""


@pytest.fixture
def fresh():
    """Clear the cached list of data sets before and after the test."""
    datasets.cache_clear()
    yield
    datasets.cache_clear()


@pytest.mark.parametrize("name", datasets())
def test_each_data_set_offers_what_the_protocol_names(name):
    lacking = [
        member for member in OFFERED if member[0] != "_" and not hasattr(datasets()[name], member)
    ]
    assert not lacking
    assert datasets()[name].name == name


def test_a_data_set_in_a_file_of_its_own_is_found(tmp_path, monkeypatch, fresh):
    (tmp_path / "leaves.py").write_text(NEW)
    monkeypatch.setattr(bench.datasets, "__path__", [*bench.datasets.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    assert sorted(datasets()) == ["cityscapes", "folder", "leaves", "scenes"]
    assert open_dataset("leaves", tmp_path).preset.block == 4


def test_label_names_are_those_of_the_official_table():
    assert {label.id: label.name for label in labels} == Cityscapes.label_names


def test_a_study_has_the_numbers_of_its_data_set():
    own, other = read_study("table2"), read_study("table2", "cityscapes")
    assert (own.images.dataset, other.images.dataset) == ("scenes", "cityscapes")
    assert {variant.strategy.block for variant in own.all_variants} == {8}
    assert {variant.strategy.block for variant in other.all_variants} == {PAPER.block}
    heights = {variant.strategy.roi_height for variant in own.all_variants}
    assert heights == {Scenes.preset.roi_height} == {SIZE[0]}


def test_no_study_repeats_or_overrides_the_numbers_of_its_data_set():
    numbers = {field.name for field in fields(PipelinePreset)}
    for name in paths.study_names():
        table = tomllib.loads((paths.STUDIES / f"{name}.toml").read_text())
        named = [table.get("strategy", {}), *(row.get("set", {}) for row in table.get("rows", []))]
        assert not any(numbers & each.keys() for each in named), name


def test_only_data_sets_that_are_generated_make_images(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        reader, "generate_with_progress", lambda *given, first: asked.append((*given, first))
    )
    for found in datasets().values():
        found.generate_missing(tmp_path, "val")
    assert asked == [(tmp_path, {"val": SPLIT_SIZES["val"]}, SIZE, SEED, None)]
    assert not list(tmp_path.iterdir())


def test_numbers_of_a_strategy_that_is_off_are_no_difference():
    bare, *_, last = read_study("table2").all_variants
    assert "block" not in bare.strategy.differences_from(PAPER)
    assert last.strategy.differences_from(PAPER)["block"] == 8
