"""Fixtures of the tests of the pipeline: maps of other networks in files."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.datasets.cityscapes_labels import CLASS_NAMES
from bench.pipeline.segment import Pipeline


@pytest.fixture
def pipeline(tiny_model, tmp_path):
    return Pipeline(tiny_model, AffinityCache(tmp_path / "cache"))


@pytest.fixture
def write_maps(pipeline, tmp_path):
    """A function that writes the whole maps of a predictor as class scores and affinities of an image."""

    def write(predictor, name):
        maps = pipeline.predict_whole_image(predictor)
        folders = [tmp_path / "scores", tmp_path / "affinities"]
        for folder in folders:
            folder.mkdir(exist_ok=True)
        short = Path(name).name
        names = {"channels": ["background", *CLASS_NAMES]}
        (folders[0] / "classes.json").write_text(json.dumps(names))
        np.savez(folders[0] / f"{short}.npz", scores=maps.semantic)
        offsets = pipeline.config.map_offsets
        np.savez(folders[1] / f"{short}.npz", affinities=maps.affinity, offsets=offsets)
        return folders

    return write


@pytest.fixture
def write_all_maps(pipeline, street, write_maps):
    """A function that writes the maps of all images, and returns their two folders."""

    def write():
        for name in street.names("val"):
            folders = write_maps(pipeline.predictor(street.image("val", name)), name)
        return folders

    return write
