"""What tuning, Tables 2 and 3 and an export take with the networks of the paper, reckoned and not measured.

The views in which the networks see generated streets are counted, for all rows of a study. Their operations
are turned into time by the measurement of ``benchmarks.large_frame``, and by the assumed speed of a GPU. The
merges and scores are those that ``benchmarks.frame_cost`` measured, as if they were proportional to pixels.
"""

import tempfile
from functools import cache
from math import prod
from pathlib import Path

import pandas as pd

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.datasets.scenes import generate
from bench.paths import TRAINED_MODELS
from bench.pipeline.cached_networks import NetworkPredictor
from bench.pipeline.oracle import AnnotationPredictor
from bench.pipeline.segment import Pipeline
from bench.runner.study_file import read_study
from bench.training.merge_settings_search import INITIAL_THRESHOLDS, SWEEPS, THRESHOLDS_TO_TRY
from bench.training.recipe import read_recipe, recipe_path
from benchmarks.frame_cost import COST_FILE, PIXELS_OF_CITYSCAPES, SECONDS_OF_HOUR
from benchmarks.large_frame import PARTS_FILE
from merge_impls.argument_checks import PAPERS_LINKAGES
from models.model_folder import NETWORKS
from tests.docs.reckoned_training import OPERATIONS_A_SECOND, RECIPE, operations_of_logits

STREET, STREETS = (256, 512), 2
"""The size of the generated streets, a quarter of Cityscapes in each direction, and their number."""

OF_CITYSCAPES = {"block": 8, "extension": 4, "roi_height": 128}
"""The settings of regions in Cityscapes (32, 16, 513), for a quarter of the size."""

STRIDE_OF_CITYSCAPES = 2
"""The strides of the paper, divided by those of our model of the streets."""

CORES = 16
MEASURED_PARTS = ("backbone", "ASPP", "head")
MEASURED_STRIDE = 8
BYTES_OF_LOGIT = 2


class CountingPredictor(NetworkPredictor):
    """Finds regions in the annotation, and notes the views in which the networks would see the image.

    seen: the views, each with its output stride.
    """

    def __init__(self, pipeline, sample, seen):
        super().__init__(pipeline.networks, pipeline.config, sample.image)
        self._classes = AnnotationPredictor(sample, (), len(pipeline.model.classes))
        self._pipeline, self._seen = pipeline, seen

    def semantic(self, view):
        super().semantic(view)
        return self._classes.semantic(view)

    def _class_probabilities(self, view):
        self._logits(view, self._entry_strides[0])
        return self._classes.semantic(view)

    def _logits(self, view, stride):
        self._seen.add((view, stride or self._pipeline.model.semantic.output_stride))


@cache
def pixels_by_stride(study, last_row_alone=False):
    """The pixels of the views of one frame of Cityscapes by output stride, for all rows of a study."""
    variants = read_study(study).all_variants[-1 if last_row_alone else 0 :]
    pixels = {}
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch), {"val": STREETS}, STREET)
        data = open_dataset("scenes", scratch)
        pipeline = Pipeline(TRAINED_MODELS / "scenes", AffinityCache(Path(scratch, "cache")))
        for name in data.names("val"):
            sample, seen = data.load("val", name), set()
            for variant in variants:
                own = pipeline.with_config(variant.strategy.replace(**OF_CITYSCAPES))
                own.fill_cache(CountingPredictor(own, sample, seen))
            for view, stride in seen:
                paper = stride * STRIDE_OF_CITYSCAPES
                pixels[paper] = pixels.get(paper, 0) + prod(view.input_size)
    factor = PIXELS_OF_CITYSCAPES / prod(STREET) / STREETS
    return {stride: count * factor for stride, count in pixels.items()}


@cache
def operations_of_pixel(stride):
    """The operations of both networks for each pixel of a view."""
    recipe = read_recipe(recipe_path(RECIPE))
    total = 0.0
    for network in NETWORKS:
        settings = recipe.settings_of_network(network)
        logits = operations_of_logits(settings.network.at_stride(stride), settings.crop)
        total += logits / settings.crop**2
    return total


def core_seconds_of_operation():
    """The processor time of an operation on one core, from the measurement of a whole frame."""
    measured = pd.read_csv(PARTS_FILE)
    whole = measured[(measured["tile"] == 0) & measured["part"].isin(MEASURED_PARTS)]
    return whole["core_seconds"].sum() / (
        operations_of_pixel(MEASURED_STRIDE) * PIXELS_OF_CITYSCAPES
    )


def core_seconds_of_row():
    """The core seconds of the merges and of the scores of one frame of Cityscapes, in one row of a study."""
    cost = pd.read_csv(COST_FILE)
    seconds = cost[cost["work"] != "networks"]["core_seconds"].sum()
    height, width = map(int, cost["frame"].iloc[0].split("x"))
    rows = len(read_study("table2").all_variants)
    return seconds / rows * PIXELS_OF_CITYSCAPES / (height * width)


def bytes_of_cache(pixels):
    """The bytes of the cached logits of one frame. pixels: by output stride."""
    recipe = read_recipe(recipe_path(RECIPE))
    channels = sum(recipe.settings_of_network(name).network.channels for name in NETWORKS)
    return sum(BYTES_OF_LOGIT * channels * count / stride**2 for stride, count in pixels.items())


def works():
    """For each work: its name, its frames, the pixels of the views of a frame, and its rows."""
    tried = 1 + len(INITIAL_THRESHOLDS) + SWEEPS * sum(map(len, THRESHOLDS_TO_TRY.values()))
    rows = {study: len(read_study(study).all_variants) for study in ("table2", "table3")}
    return [
        ("tune", 95, {MEASURED_STRIDE: PIXELS_OF_CITYSCAPES}, tried * len(PAPERS_LINKAGES)),
        ("Table 2", 500, pixels_by_stride("table2"), rows["table2"]),
        ("Table 3", 500, pixels_by_stride("table3"), rows["table3"]),
        ("export of test", 1525, pixels_by_stride("table3", last_row_alone=True), 1),
    ]


@cache
def reckoned_inference():
    """The time and the disk space of each work, as texts, each without the cache of the others."""
    table = []
    for name, frames, pixels, rows in works():
        operations = frames * sum(
            operations_of_pixel(stride) * count for stride, count in pixels.items()
        )
        on_core = operations * core_seconds_of_operation() / SECONDS_OF_HOUR
        merges = frames * rows * core_seconds_of_row() / SECONDS_OF_HOUR
        gigabytes = frames * bytes_of_cache(pixels) / 1e9
        on_gpu = operations / OPERATIONS_A_SECOND / 60
        texts = [f"{on_gpu:.0f}", f"{on_core / CORES:.1f}", f"{merges:.0f}", f"{gigabytes:.1f}"]
        table.append([name, f"{frames:,}", *texts])
    return pd.DataFrame(
        table,
        columns=[
            "work",
            "frames",
            "networks: minutes on 1 GPU",
            f"hours on {CORES} cores",
            "merges and scores: hours on 1 core",
            "cache: GB",
        ],
    )
