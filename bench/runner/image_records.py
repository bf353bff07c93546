"""From measured units to records: one cell a backend, linkage and scope."""

from collections.abc import Sequence
from typing import Any

from bench.runner.records import Record, make
from bench.runner.results import ImageResult
from merge_impls.timing import Run


def runs_of(result: ImageResult, backend: str) -> dict[str, Run]:
    """What ``backend`` did in an image's result, by scope."""
    return {
        scope: part.runs[backend] for scope, part in result.scopes.items() if backend in part.runs
    }


def state_of(results: Sequence[ImageResult], backend: str) -> tuple[str, str]:
    """The state of a backend's cells over all results, and the reason with the image that shows it."""
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for result in results:
            for scope, run in runs_of(result, backend).items():
                if getattr(run, attribute):
                    where = result.image if scope == "maps" else f"{result.image} (crop)"
                    return state, f"{where}: {getattr(run, attribute)}"
    return "done", ""


def identical(result: ImageResult, backend: str, reference: str) -> bool | None:
    """Whether the backend's map and crop both came out as they should; None if no reference said so."""
    crops = result.scopes.get("crops")  # a third-party method has none
    checked = crops.runs.get(reference) if crops else None
    if checked is None or checked.failed:
        return None
    return not any(run.difference or run.failed for run in runs_of(result, backend).values())


def image_entry(result: ImageResult, backend: str, scope: str, reference: str) -> dict:
    """One image of a record."""
    part = result.scopes[scope]
    return {
        "name": result.image,
        "vertices": part.vertices,
        "edges": part.edges,
        "merges": part.merges,
        "segments": part.segments,
        "seconds": part.runs[backend].seconds,
        "identical": identical(result, backend, reference),
        **({"regions": part.regions} if scope == "maps" else {}),
        **(
            {"call_seconds": part.runs[backend].call_seconds}
            if "crops" not in result.scopes
            else {}
        ),
    }


def compared_with(
    results: Sequence[ImageResult], backend: str, reference: str, crop: tuple[int, int]
) -> str:
    """The words of the table for what a backend's results were compared with, in every result.

    Who was itself found wrong is not what anybody is identical to.
    """

    def right(run: Run | None) -> bool:
        return run is not None and not run.failed and not run.difference

    def ran(scope: str) -> list[str]:
        if scope not in results[0].scopes:  # a third-party method has no crops
            return []
        runs = [result.scopes[scope].runs for result in results]
        return [
            name
            for name in runs[0]
            if name != backend and all(right(of_unit.get(name)) for of_unit in runs)
        ]

    if backend == reference:
        return ", ".join(f"{name} on crops" for name in ran("crops"))
    checked = [f"{reference} on {crop[1]}x{crop[0]} crops"] if reference in ran("crops") else []
    return ", ".join(checked + [f"{name} on maps" for name in ran("maps")])


def merge_cell(
    results: Sequence[ImageResult],
    reference: str,
    crop: tuple[int, int],
    scores: dict | None,
    **content: Any,
) -> Record:
    """The record of a backend on "maps" or "crops"; what is not right in every image has no scores.

    content: the entries of the record that do not depend on the results; ``cell`` says which runs to take.
    """
    backend, scope = content["cell"]["backend"], content["cell"]["scope"]
    state, reason = state_of(results, backend)
    return make(
        state=state,
        reason=reason,
        images=[image_entry(result, backend, scope, reference) for result in results],
        scores=scores if state == "done" else None,
        identical_to=compared_with(results, backend, reference, crop),
        first_call_seconds=results[0].scopes[scope].runs[backend].first_call_seconds,
        **content,
    )


def absent_cell(state: str, reason: str, **content: Any) -> Record:
    """The record of a backend that is "unavailable", or "failed" to start."""
    return make(
        state=state,
        reason=reason,
        images=[],
        scores=None,
        identical_to="",
        first_call_seconds=None,
        **content,
    )
