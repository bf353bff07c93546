"""Benchmarks of merges of predicted maps: some images of the default study, read from its cache."""

from functools import lru_cache

import pytest

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import open_dataset
from benchmarks.parameters import MAPS, map_parameters
from benchmarks.problems import MergedProblem


@pytest.mark.parametrize(("backend", "linkage", "image", "threads"), map_parameters())
def test_map(backend, linkage, image, threads, time_merge):
    time_merge(problem_of(linkage, image), backend, threads, group=f"{image}, {linkage}")


@lru_cache(maxsize=1)
def problem_of(linkage: str, image: str) -> MergedProblem:
    """The problem of an image; skips the benchmark if its maps are not in the cache."""
    from bench.pipeline.segment import Pipeline  # imports torch, which the fields do not need

    pipeline = Pipeline(paths.model_folder(MAPS.images.model), AffinityCache(paths.CACHE)).replace(
        linkage=linkage
    )
    image_array = open_dataset(
        MAPS.images.dataset, paths.default_data_folder(MAPS.images.dataset)
    ).image(MAPS.images.split, image)
    if not pipeline.networks.cache.entry_path(pipeline.image_cache_key(image_array)).exists():
        pytest.skip(f"cache: no maps of {image}; `make study` makes them")
    (region,) = pipeline.graphs(pipeline.predictor(image_array))
    return MergedProblem(region.graph.problem)
