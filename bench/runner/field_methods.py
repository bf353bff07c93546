"""The methods of a study of synthetic fields."""

from bench.methods.all_methods import Method, find_method
from bench.runner.study import Study
from merge_impls.backend import BackendUnavailable


def field_methods(study: Study) -> list[Method]:
    """The baseline, the backends and the third-party methods of a study, in this order.

    A backend is listed once for each of ``study.threads`` that it can use. A method that cannot run here is
    listed too; its ``reason`` says why. Raises BackendUnavailable if the baseline cannot run.
    """
    baseline = find_method(study.reference)
    if baseline.reason:
        raise BackendUnavailable(
            f"study {study.name} compares all methods with {study.reference}, which is not available: "
            f"{baseline.reason}"
        )
    ours = [
        each
        for name in study.backends
        for each in _one_method_per_thread_count(name, study.threads)
    ]
    return [baseline, *ours, *map(find_method, study.third_party)]


def _one_method_per_thread_count(name: str, threads: tuple[int, ...]) -> list[Method]:
    method = find_method(name)
    if not method.linkages:  # an unknown name, or a plug-in that could not be loaded
        return [method]
    return [method.with_threads(count) for count in threads if method.can_use_threads(count)]
