"""A label map whose only id lies in several pieces is probably a mask: one line says so."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.datasets import open_dataset
from bench.datasets.one_id_label_maps import OneIdWarning, warn_of_one_id_in_pieces

MASK = np.zeros((8, 12), np.uint8)
MASK[1:3, 1:4] = MASK[5:7, 2:4] = MASK[4:7, 8:11] = 255

IDS = MASK.copy()
IDS[5:7, 2:4] = 7

ONE_PIECE = np.zeros((8, 12), np.uint8)
ONE_PIECE[1:3, 1:4] = ONE_PIECE[3, 4] = 9


@pytest.mark.parametrize("labels", [IDS, ONE_PIECE, np.zeros((8, 12), np.uint8)])
def test_other_label_maps_give_no_warning(labels):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not warn_of_one_id_in_pieces(Path("a.png"), labels)


def test_a_data_set_names_its_first_mask_in_one_line(tmp_path):
    for name in ("a", "b"):
        for folder in ("images", "labels"):
            (tmp_path / "val" / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(MASK).save(tmp_path / "val" / folder / f"{name}.png")
    dataset = open_dataset("folder", tmp_path)
    with pytest.warns(OneIdWarning) as warned:
        for name in dataset.names("val"):
            assert dataset.annotation("val", name).classes.tolist() == [0]
    (line,) = (str(one.message) for one in warned)
    assert "labels/a.png: its only id, 255, lies in 3 pieces" in line and "\n" not in line
