"""What the networks said of a few images of the default study, as its cache has it."""

from functools import lru_cache

import pytest

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import open_dataset
from benchmarks.parameters import MAPS, map_cases
from benchmarks.problems import Subject


@pytest.mark.parametrize(("backend", "linkage", "image", "threads"), map_cases())
def test_map(backend, linkage, image, threads, time_merge):
    time_merge(subject_of(linkage, image), backend, threads, group=f"{image}, {linkage}")


@lru_cache(maxsize=1)
def subject_of(linkage: str, image: str) -> Subject:
    """The problem of an image; skips where the networks would have to be asked."""
    from bench.pipeline.segment import Pipeline  # imports torch, which the fields do without

    pipeline = Pipeline(paths.model_folder(MAPS.model), AffinityCache(paths.CACHE)).replace(
        linkage=linkage
    )
    picture = open_dataset(MAPS.dataset, paths.data_folder(MAPS.dataset)).image(MAPS.split, image)
    if not pipeline.networks.cache.path(pipeline.image_key(picture)).exists():
        pytest.skip(f"cache: no maps of {image}; `make study` makes them")
    (predicted,) = pipeline.predict_regions(picture)
    return Subject(pipeline.graph(predicted).problem)
