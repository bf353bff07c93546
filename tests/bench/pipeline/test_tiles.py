"""The networks run in tiles if the configuration says so; the cache keeps such predictions apart."""

import numpy as np
import pytest

from bench.cache import AffinityCache
from bench.pipeline.config import PLAIN, ConfigError
from bench.pipeline.segment import Pipeline
from bench.pipeline.view import Box, View
from models.inference import infer
from models.tiled_inference import Tiling

TILE = 96


@pytest.fixture
def line(tiny_model, tmp_path):
    return Pipeline(tiny_model, AffinityCache(tmp_path / "cache"), PLAIN)


@pytest.fixture
def picture(few, few_names):
    """An image of 96x160 pixels."""
    return few.image("train", few_names[0])


def logits(line, picture):
    """The logits of a whole image, as the predictor gets them."""
    predictor = line.predictor(picture)
    return predictor._logits(line.whole_image_view(predictor.image_size), None)


def test_a_large_view_is_predicted_in_tiles(line, picture):
    tiled = logits(line.replace(tile=TILE), picture)
    expected = infer(line.networks.model, picture, None, Tiling(TILE, TILE // 6))
    assert np.array_equal(tiled.semantic, expected.semantic)
    assert np.array_equal(tiled.affinity, expected.affinity)


def test_tiles_have_cache_entries_of_their_own(line, picture):
    """A prediction of the whole image is not served for one in tiles, whose image pooling differs."""
    whole, tiled = logits(line, picture), logits(line.replace(tile=TILE), picture)
    assert not np.array_equal(whole.affinity, tiled.affinity)
    assert np.abs(whole.affinity - tiled.affinity).mean() < np.abs(whole.affinity).mean()


@pytest.mark.parametrize(
    ("size", "tile", "is_tiled"), [(96, 96, False), (97, 96, True), (97, 0, False)]
)
def test_a_view_that_fits_a_tile_is_not_divided(size, tile, is_tiled):
    view = View(Box(0, 0, 40, size), (40, size), tile=tile)
    assert view.is_tiled is is_tiled
    assert ("tiles" in view.cache_key_entries()) is is_tiled
    if not is_tiled:
        assert view.cache_key_entries() == View(Box(0, 0, 40, size), (40, size)).cache_key_entries()


def test_the_views_of_regions_are_divided_too(line, picture):
    wide = line.replace(tile=TILE, roi=True, block=8)
    views = [wide.region_view(region) for region in wide.find_regions(wide.predictor(picture))]
    assert views and all(view.tile == TILE for view in views)


def test_a_negative_tile_is_an_error_of_one_line():
    with pytest.raises(ConfigError, match="strategy: tile is -1, it must be at least 0"):
        PLAIN.replace(tile=-1)
