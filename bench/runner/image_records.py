"""Makes the record of a method in a study of images from the results of all images."""

from collections.abc import Sequence
from typing import Any

from bench.runner.image_results import ImageResult
from bench.runner.record import ApChange, Cell, MeasuredProblem, Record, Scores, agreement_entries
from merge_impls.text_formats import format_shape
from merge_impls.timing import TimedRun


def make_merge_record(
    planned: Record,
    results: Sequence[ImageResult],
    reference: str,
    crop: tuple[int, int],
    scores: tuple[str, Scores] | None,
    change: ApChange | None,
) -> Record:
    """Fill in the planned record of a method with its results. A method with a wrong result has no scores.

    results: of all images. crop: (height, width) of the crops that ``reference`` merged.
    scores: the key of the scores, and the scores.
    """
    backend, scope = planned.cell.backend, planned.cell.scope
    state, reason = _state_and_reason(results, backend)
    key, found = scores if scores and state == "done" else (None, None)
    return planned.with_results(
        state=state,
        reason=reason,
        images=image_entries(results, planned.cell, reference),
        scores_key=key,
        scores=found,
        identical_to=_identical_methods_text(results, backend, reference, crop),
        first_call_seconds=results[0].scopes[scope].runs[backend].first_call_seconds,
        change=change,
    )


def image_entries(
    results: Sequence[ImageResult], cell: Cell, reference: str
) -> list[MeasuredProblem]:
    """The entries of the record of a cell for all images."""
    return [_image_entry(result, cell.backend, cell.scope, reference) for result in results]


def _runs_by_scope(result: ImageResult, backend: str) -> dict[str, TimedRun]:
    """The runs of a backend on an image, by scope."""
    return {
        scope: merged.runs[backend]
        for scope, merged in result.scopes.items()
        if backend in merged.runs
    }


def _state_and_reason(results: Sequence[ImageResult], backend: str) -> tuple[str, str]:
    """The state of a backend over all images, and the reason why the state is not "done".

    The reason is the message of the first image with this state. It is "" if the state is "done".
    """
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for result in results:
            for scope, run in _runs_by_scope(result, backend).items():
                if getattr(run, attribute):
                    where = result.image if scope == "maps" else f"{result.image} (crop)"
                    return state, f"{where}: {getattr(run, attribute)}"
    return "done", ""


def _image_entry(result: ImageResult, backend: str, scope: str, reference: str) -> MeasuredProblem:
    """The entry of a record for one image."""
    merged = result.scopes[scope]
    run = merged.runs[backend]
    names = ("vertices", "edges", "merges", "segments", "regions", "tied_merges")
    counts: dict[str, Any] = {name: getattr(merged, name) for name in names}
    return MeasuredProblem(
        name=result.image,
        **counts,
        seconds=run.seconds,
        cpu_seconds=run.cpu_seconds,
        call_seconds=run.call_seconds,
        conversion_seconds=run.conversion_seconds,
        seconds_again=run.seconds_again or None,
        peak_bytes=run.peak_bytes,
        input_bytes=None,
        identical=_is_identical(result, backend, reference),
        **agreement_entries(run),
    )


def _is_identical(result: ImageResult, backend: str, reference: str) -> bool | None:
    """Whether a backend's results on the image and its crop are right; None if they were not checked."""
    crops = result.scopes.get("crops")  # a third-party method has none
    checked = crops.runs.get(reference) if crops else None
    if checked is None or checked.failed:
        return None
    return all(map(_is_right, _runs_by_scope(result, backend).values()))


def _identical_methods_text(
    results: Sequence[ImageResult], backend: str, reference: str, crop: tuple[int, int]
) -> str:
    """The backends whose results equal those of ``backend`` in every image, such as "heap on maps"."""
    if backend == reference:
        return ", ".join(
            f"{name} on crops" for name in _other_correct_backends(results, backend, "crops")
        )
    on_crops = reference in _other_correct_backends(results, backend, "crops")
    checked = [f"{reference} on crops of {format_shape(crop)}"] if on_crops else []
    on_maps = [f"{name} on maps" for name in _other_correct_backends(results, backend, "maps")]
    return ", ".join(checked + on_maps)


def _other_correct_backends(results: Sequence[ImageResult], backend: str, scope: str) -> list[str]:
    """The names of the other backends whose results are right in a scope of every image."""
    if scope not in results[0].scopes:  # a third-party method has no crops
        return []
    right = dict.fromkeys(name for name in results[0].scopes[scope].runs if name != backend)
    for result in results:
        runs = result.scopes[scope].runs
        right = {name: None for name in right if name in runs and _is_right(runs[name])}
    return list(right)


def _is_right(run: TimedRun) -> bool:
    return not run.failed and not run.difference
