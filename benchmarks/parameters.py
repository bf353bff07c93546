"""The parameters of the benchmarks of merges, taken from the studies ``speed`` and ``default``."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench import paths
from bench.datasets import open_dataset
from bench.methods.all_methods import Method
from bench.runner.field_methods import field_methods
from bench.runner.study_file import read_study
from merge_impls.machine import usable_core_numbers
from merge_impls.text_formats import format_shape

SPEED = replace(read_study("speed"), third_party=())
MAPS = read_study("default")
IMAGES = 4
"""The number of images of the study that are merged."""


def field_parameters() -> list:
    """Parameters (backend, linkage, size, noise, threads); those of the same problem are adjacent."""
    return [
        _pytest_param(
            method, linkage, f"{format_shape(size)}-{noise}", size=format_shape(size), noise=noise
        )
        for size in SPEED.fields.sizes
        for noise in SPEED.fields.noises
        for method, linkage in _methods_by_linkage(SPEED.linkages)
    ]


def map_parameters() -> list:
    """Parameters (backend, linkage, image, threads); those of the same problem are adjacent."""
    try:
        images = open_dataset(
            MAPS.images.dataset, paths.default_data_folder(MAPS.images.dataset)
        ).names(MAPS.images.split)
    except FileNotFoundError:
        absent = pytest.mark.skip(
            reason=f"data/{MAPS.images.dataset}: no images; `make study` makes them"
        )
        return [pytest.param("", "", "", 1, marks=absent, id="no-images")]
    return [
        _pytest_param(method, linkage, image.rpartition("/")[2], image=image)
        for image in images[:IMAGES]
        for method, linkage in _methods_by_linkage(MAPS.linkages)
    ]


def _methods_by_linkage(linkages: tuple[str, ...]) -> Iterator[tuple[Method, str]]:
    """Yield each method with each of its linkages, sorted by linkage.

    Raises ``CollectError``, one line, if the baseline is unavailable: all results are compared with it.
    """
    try:
        ours = field_methods(SPEED)
    except ValueError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    for linkage in linkages:
        for method in ours:
            if linkage in method.linkages or method.reason:
                yield method, linkage


def _pytest_param(method: Method, linkage: str, what: str, **of_problem: str) -> object:
    threads, reason = method.threads, method.reason
    if not reason and threads > len(usable_core_numbers()):
        reason = f"{threads} threads need as many cores; this process may use {len(usable_core_numbers())}"
    return pytest.param(
        method.name,
        linkage,
        *of_problem.values(),
        threads,
        id=f"{method.name}-{linkage}-{what}-{threads}thread{'s' if threads > 1 else ''}",
        marks=[pytest.mark.skip(reason=f"{method.name}: {reason}")] if reason else [],
    )
