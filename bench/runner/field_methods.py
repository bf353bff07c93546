"""The methods of a study of synthetic fields, and which of them merge what."""

from bench.methods.all_methods import Method, find_method
from bench.runner.study import Study
from merge_impls.backend import BackendUnavailable


def field_methods(study: Study) -> list[Method]:
    """The reference, the baseline, the backends and the third-party methods of a study, in this order.

    A backend is listed once for each of ``study.threads`` that it can use; the reference and the baseline are
    listed with one thread, too. A method that cannot run here is listed; its ``reason`` says why. Raises
    BackendUnavailable if the reference or the baseline cannot run.
    """
    compared = [
        _available_method(study, study.reference, "all methods"),
        _available_method(study, field_baseline(study), "all times"),
    ]
    ours = [
        each
        for name in study.backends
        for each in _one_method_per_thread_count(name, study.threads)
    ]
    listed = [*compared, *ours, *map(find_method, study.third_party)]
    return list({each.label: each for each in listed}.values())


def field_baseline(study: Study) -> str:
    """The name of the method that times are divided by: the reference, if the study names no other."""
    return study.baseline or study.reference


def methods_of_all_sizes(study: Study) -> list[str]:
    """The names of the methods that merge the graphs of all sizes, on one thread."""
    return [*dict.fromkeys([study.reference, field_baseline(study), *study.scaled])]


def _available_method(study: Study, name: str, compared: str) -> Method:
    method = find_method(name)
    if method.reason:
        raise BackendUnavailable(
            f"study {study.name} compares {compared} with {name}, which is not available: {method.reason}"
        )
    return method


def _one_method_per_thread_count(name: str, threads: tuple[int, ...]) -> list[Method]:
    method = find_method(name)
    if not method.linkages:  # an unknown name, or a plug-in that could not be loaded
        return [method]
    return [method.with_threads(count) for count in threads if method.can_use_threads(count)]
