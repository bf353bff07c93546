"""From measured units to records: one cell a backend, linkage and scope."""

from collections.abc import Sequence
from typing import Any

from bench.runner.records import Record, make
from bench.runner.units import Unit
from merge_impls.timing import Run


def runs_of(unit: Unit, backend: str) -> dict[str, Run]:
    """What ``backend`` did in a unit, by scope."""
    return {scope: part.runs[backend] for scope, part in unit.parts.items() if backend in part.runs}


def state_of(units: Sequence[Unit], backend: str) -> tuple[str, str]:
    """The state of a backend's cells over all units, and the reason with the image that shows it."""
    for attribute, state in (("difference", "disagreed"), ("failed", "failed")):
        for unit in units:
            for scope, run in runs_of(unit, backend).items():
                if getattr(run, attribute):
                    where = unit.image if scope == "maps" else f"{unit.image} (crop)"
                    return state, f"{where}: {getattr(run, attribute)}"
    return "done", ""


def identical(unit: Unit, backend: str, reference: str) -> bool | None:
    """Whether the backend's map and crop both came out as they should; None if no reference said so."""
    crops = unit.parts.get("crops")  # a peer has none
    checked = crops.runs.get(reference) if crops else None
    if checked is None or checked.failed:
        return None
    return not any(run.difference or run.failed for run in runs_of(unit, backend).values())


def image_entry(unit: Unit, backend: str, scope: str, reference: str) -> dict:
    """One image of a record."""
    part = unit.parts[scope]
    return {
        "name": unit.image,
        "vertices": part.vertices,
        "edges": part.edges,
        "merges": part.merges,
        "segments": part.segments,
        "seconds": part.runs[backend].seconds,
        "identical": identical(unit, backend, reference),
        **({"regions": part.regions} if scope == "maps" else {}),
        **({"call_seconds": part.runs[backend].call_seconds} if "crops" not in unit.parts else {}),
    }


def compared_with(
    units: Sequence[Unit], backend: str, reference: str, crop: tuple[int, int]
) -> str:
    """The words of the table for what a backend's results were compared with, in every unit.

    Who was itself found wrong is not what anybody is identical to.
    """

    def right(run: Run | None) -> bool:
        return run is not None and not run.failed and not run.difference

    def ran(scope: str) -> list[str]:
        if scope not in units[0].parts:  # a peer has no crops
            return []
        runs = [unit.parts[scope].runs for unit in units]
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
    units: Sequence[Unit],
    reference: str,
    crop: tuple[int, int],
    scores: dict | None,
    **content: Any,
) -> Record:
    """The record of a backend on "maps" or "crops"; what is not right in every image has no scores.

    content: the entries of the record that do not depend on the units; ``cell`` says which runs to take.
    """
    backend, scope = content["cell"]["backend"], content["cell"]["scope"]
    state, reason = state_of(units, backend)
    return make(
        state=state,
        reason=reason,
        images=[image_entry(unit, backend, scope, reference) for unit in units],
        scores=scores if state == "done" else None,
        identical_to=compared_with(units, backend, reference, crop),
        first_call_seconds=units[0].parts[scope].runs[backend].first_call_seconds,
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
