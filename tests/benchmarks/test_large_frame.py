"""What a frame of Cityscapes takes in the paper's networks, part by part, and what tiles change."""

import pandas as pd
import pytest

from bench import paths
from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from benchmarks import tile_differences as differences
from benchmarks.large_frame import (
    MAX_GIB,
    PARTS_FILE,
    PartMeter,
    large_frame_table,
    measure_frame,
    street_frame,
)

PARTS = [
    "weights read",
    "backbone",
    "ASPP",
    "head",
    "tiles, rounding",
    "cache written",
    "cache read, class probabilities",
    "affinities",
]


@pytest.fixture
def model():
    return paths.model_folder("scenes")


@pytest.fixture
def streets(tmp_path):
    generate(tmp_path / "streets", {"val": 1}, (64, 128))
    return open_dataset("scenes", tmp_path / "streets")


@pytest.fixture
def committed():
    """The committed measurement: the rows in tiles, and those of the whole frame."""
    measured = pd.read_csv(PARTS_FILE)
    return [rows.set_index("part") for _, rows in measured.groupby("tile", sort=False)]


def test_every_part_of_a_frame_is_measured(model, tmp_path):
    frame = street_frame(tmp_path / "data", (64, 128))
    found = measure_frame(model, frame, tmp_path / "cache", tile=96).set_index("part")
    assert list(found.index) == PARTS and (found["tile"] == 96).all()
    assert (found["core_seconds"] >= 0).all() and found.loc["backbone", "core_seconds"] > 0
    assert (found["gib"].drop("tiles, rounding") > 0).all()
    assert list((tmp_path / "cache").rglob("*.safetensors"))


def test_a_repeated_part_has_all_seconds_and_the_largest_memory():
    meter = PartMeter()
    for size in (1, 200_000_000, 1):
        with meter.part("large"):
            bytearray(size)
    with meter.part("small"):
        seconds = dict(meter.seconds)
    assert meter.gib["large"] > meter.gib["small"] + 0.1
    assert meter.total_seconds >= seconds["large"] > 0


def test_the_table_adds_up_the_seconds_and_takes_the_largest_memory():
    measured = pd.DataFrame(
        {
            "tile": [768, 768, 0, 0],
            "part": ["backbone", "tiles, rounding"] * 2,
            "core_seconds": [2.0, 0.5, 1.0, 0.0],
            "gib": [1.5, None, 3.0, None],
        }
    )
    table = large_frame_table(measured).set_index("part")
    assert list(table.loc["together"]) == ["2.5", "1.5", "1.0", "3.0"]
    assert list(table.loc["tiles, rounding"]) == ["0.5", "", "0.0", ""]


def test_the_page_of_cityscapes_says_what_the_measurement_says(committed):
    """The backbone takes most of the time; tiles take longer than the whole frame, and less memory."""
    tiles, whole = committed
    assert list(tiles.index) == list(whole.index) == PARTS
    for rows in committed:
        assert rows.loc["backbone", "core_seconds"] > rows["core_seconds"].sum() / 2
        assert rows["gib"].max() < MAX_GIB / 4
    assert tiles["core_seconds"].sum() > whole["core_seconds"].sum()
    assert tiles.loc["backbone", "gib"] < whole.loc["backbone", "gib"]


def test_tiles_change_answers_and_a_tile_of_a_whole_frame_does_not(
    model, streets, tmp_path, monkeypatch
):
    found = differences.tile_differences(model, streets, tmp_path, with_ap=True)
    assert (found["frame"], found["tile"], found["frames"]) == ("64x128", 48, 1)
    assert all(0 < found[name] < 1 for name in ("other_class", "affinity", "crossed"))
    monkeypatch.setattr(differences, "TILES_OF_HEIGHT", 2)
    same = differences.tile_differences(model, streets, tmp_path, with_ap=True)
    assert {same[name] for name in ("other_class", "affinity", "crossed")} == {0}
    assert same["ap_tiles"] == pytest.approx(same["ap_whole"], nan_ok=True)


def test_the_page_of_cityscapes_says_what_tiles_change():
    """AP hardly changes; the affinities change without image pooling about as much as with it."""
    measured = pd.read_csv(differences.DIFFERENCES_FILE)
    trained = measured[measured["networks"] == differences.TRAINED].iloc[0]
    assert abs(trained["ap_tiles"] - trained["ap_whole"]) < 0.005
    of_random = measured[measured["networks"] != differences.TRAINED]
    pooled, plain = of_random.sort_values("image_pooling", ascending=False)["affinity"]
    assert 0.8 < plain / pooled < 1.25
