"""Which backends of a study of images are exact with a linkage, and the rows of approximate ones.

An approximate backend finds other segments than the exact ones, so it has a variant of its own, whose AP is
compared with that of the exact backends.
"""

from dataclasses import replace

from bench.methods.all_methods import find_method
from bench.runner.study import Study, Variant

EXACT_MERGE = "heap"
"""The backend that merges for the comparison with approximate results if the study names no exact one."""


def exact_backends(study: Study, linkage: str) -> list[str]:
    """The backends of a study that are exact with a linkage, and those that cannot be loaded."""
    methods = {name: find_method(name) for name in study.backends}
    return [
        name
        for name, method in methods.items()
        if not method.linkages or linkage in method.exact_linkages
    ]


def approximate_backends(study: Study, linkage: str) -> list[str]:
    """The backends of a study that declare a linkage approximate."""
    return [name for name in study.backends if linkage in find_method(name).approximate]


def exact_backend_to_compare_with(study: Study, linkage: str) -> str:
    """The backend with whose result approximate results are compared."""
    exact = exact_backends(study, linkage)
    if study.map_reference in exact:
        return study.map_reference
    return next(iter(exact), EXACT_MERGE)


def method_merged_twice(study: Study, linkage: str) -> str | None:
    """The method of which a second process takes turns with all others: the A/A measurement.

    It is the baseline of the study. Without one, it is the backend with whose results all others are
    compared; then it is None for a study with rows, which compares AP, and without exact backends. None for a
    study that is not timed.
    """
    if not study.is_timed:
        return None
    if study.baseline is not None:
        return study.baseline if linkage in find_method(study.baseline).linkages else None
    name = exact_backend_to_compare_with(study, linkage)
    return name if not study.variants and name in exact_backends(study, linkage) else None


def measured_variants(study: Study) -> list[Variant]:
    """All variants of a study, each followed by a copy for each backend that is approximate for it."""
    return [
        each
        for variant in study.all_variants
        for each in (variant, *_approximate_copies(study, variant))
    ]


def _approximate_copies(study: Study, variant: Variant) -> list[Variant]:
    if variant.third_party:
        return []
    names = approximate_backends(study, variant.linkage)
    return [replace(variant, third_party=name) for name in names]


def variant_to_compare_with(study: Study, variant: Variant) -> Variant | None:
    """The variant with which the AP of ``variant`` is compared: for an approximate copy, the exact one."""
    if variant in study.all_variants:
        return study.variant_to_compare_with(variant)
    return replace(variant, third_party=None)
