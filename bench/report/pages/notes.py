"""The notes below a table. A note explains a column or a method of the table."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from bench.evaluation.average_precision import SIZE_RANGES
from bench.methods.all_methods import methods_in_this_folder
from bench.report.pages.speed_notes import (
    SPEED_OF_EVERY_METHOD,
    SPEED_OF_FIELDS,
    SPEED_OF_IMAGES,
    verdict_notes,
)
from bench.report.tables.graph_families import LEAST_SECONDS
from bench.report.tables.image_merge_times import APPROXIMATE
from bench.report.tables.method_names import REMARK
from bench.report.tables.time_against_edges import SIZES_TO_FIT
from merge_impls.fields import FAMILIES
from merge_impls.measurement_statistics import LEAST_IMAGES

TIME_OF_IMAGES = (
    "Time is the time of one call `merge(problem)` on one core, in a separate process for each backend: the "
    "median and the quartiles over the images. The input is a checked problem in memory (uint16 affinities "
    "and a mask); the output is labels, sizes, confidences and the history of merges. A backend has a time "
    "only if all its results in this run equal those that it was compared with, bit for bit, or if it is "
    "declared approximate."
)
_CROPS = "`on crops`: the method is slow, so it merged only one crop of each image."
_SCORE = (
    "`score at IoU 0.5`: TP / (TP + FP + FN) at that overlap, the usual measure of microscopy, averaged over "
    "the images."
)
_PAPER = (
    "`AP in the paper` is AP on the validation images of Cityscapes with the paper's networks: compare only "
    "the direction of the changes."
)
_CHANGE = (
    "`change of AP`: against the row named beside it, merged by an exact backend, of the same linkage if the "
    "row has it, with the paired bootstrap interval over the images (95%, 1,000 draws)."
)
_FEW_IMAGES = (
    f"`(–)`: no interval, because fewer than {LEAST_IMAGES} images say too little about chance."
)
_ALL_REGIONS = "The time of an image is the sum over the graphs of all its regions."
_APPROXIMATE = (
    "`approximate`: the results may differ from the exact ones; `(equal here)`: all segments of this run "
    "equal the exact ones. `adjusted Rand` is the agreement with the "
    "exact segments, 1 for equal ones; the CSV also has the variation of information in bits, in two parts: "
    "of exact segments that are split, and that are merged. The time of an approximate method is that of its "
    "function alone; for a third-party method that of the library's call, from the input that suits the "
    "library best to the library's own output."
)
_FORCED = (
    "`(approximate)` behind the name of a row: forced local merge (FLM) joins windows of pixels before the "
    "graph merge. The row approximates an exact merge of all pixels without FLM; the graph merge itself was "
    "compared with the reference, bit for bit."
)
_FRONT = (
    "`front` in the CSV: the method is on the Pareto front of AP against time, over all methods, over the "
    "exact ones, or both."
)
_CONVERSIONS = (
    "`all_ms` in the CSV is the time with conversions from and to what our backends take and give."
)
_F_SCORE = (
    "`F-score`: of the pairs of pixels in one segment, the pairs of an approximate method against those of "
    "the exact result."
)
_FIELD_TIME = (
    "Each row has a process of its own, on one core (two threads: on two); the rows take turns, round by "
    "round. Time is the time of one call `merge(problem)`: the median and the quartiles over the rounds. The "
    "input is a checked problem in memory (uint16 affinities and a mask); the output is labels, sizes, "
    "confidences and the history of merges."
)
_APPROXIMATE_TIME = (
    "Approximate methods, and sorts, which merge nothing, have a time without this comparison."
)
_MASKED_OUT_EDGES = (
    "`empty-mask` and `nearly-empty-mask` have hardly any edges, so the tables give the edges of a graph "
    "of the same grid with a street's mask."
)
_PEAK_MEMORY = "Peak memory is counted beyond what the process held before the merge."
_LARGEST_PEAK = (
    "Peak memory is the largest of one merge, conversions included, beyond what the process held before it. "
    "Rows are those of the table of AP; fields have none. Of fields, the largest is shown."
)
_SCALING = (
    "One thread, on fields of several sizes, in the same rounds as above. The baseline merges the sizes "
    "other than that of the tables above only once, for the comparison of results. The exponents in the "
    f"figure are those of the power law through the medians of the sizes {', '.join(SIZES_TO_FIT)}."
)
_FAMILIES = (
    "Each family grows with the number of edges; the times are those of the graphs that all methods merged. "
    "The exponent is that of CPU time against edges over all sizes, on one thread. What the families stand "
    "for:"
)
_WORST_FAMILIES = (
    "CPU time on one thread, all sizes. A speed counts only for graphs that the baseline, {baseline}, merges "
    f"in {LEAST_SECONDS:g} s or more; smaller graphs, on which a speed may be lower, count only for the "
    "exponent."
)
_FAMILY_SPEEDS = (
    "A number n in the column of a backend and a linkage means n times as fast as the baseline, {baseline}, "
    "in CPU time on one thread, on the largest graph of the family."
)
_GOALS = (
    "A goal is reached only if it is reached with both noises. `required` is the limit, `aim` the better "
    "figure to work for. A ratio of two times is the median over the rounds of the ratio in one round, so it "
    "may differ from the ratio of the medians in the tables below. Times are wall time."
)


def exactness_notes(table: pd.DataFrame) -> list[str]:
    """The notes below an ``exactness_table``."""
    return [_APPROXIMATE, _LARGEST_PEAK, *verdict_notes(table, SPEED_OF_EVERY_METHOD)]


STABILITY = (
    "`one step of 1 / 65535`: each affinity moved by one step of the fixed point, up or down at random, with "
    "a run for each seed. `ties reversed`: the vertices were numbered in reverse, so that ties between equal "
    "weights were broken otherwise. `tied merges`: the share of the merges of the unchanged problems whose "
    "edge weighs as much as that of the merge before. `adjusted Rand`: the agreement with the segments of "
    "the unchanged problems, 1 for equal ones; the CSV also has the variation of information in bits."
)
"""The note below a ``stability_table``."""


def speed_accuracy_notes(table: pd.DataFrame) -> list[str]:
    """The notes below a ``speed_accuracy_table``."""
    return [
        *_note_if(table["ms"].notna().any(), TIME_OF_IMAGES),
        *verdict_notes(table, SPEED_OF_IMAGES),
        *_note_if((table["scope"] == "crops").any(), _CROPS),
        *_note_if(_is_approximate_row(table).any(), f"{_APPROXIMATE} {_FRONT}"),
    ]


def accuracy_notes(table: pd.DataFrame) -> list[str]:
    """The notes below an ``accuracy_table``: what each method is, and what the score of microscopy is."""
    texts = (text.replace(REMARK, "") for text in table["method"])
    names = dict.fromkeys(name for names in texts for name in names.split(", "))
    methods = {
        name: methods_in_this_folder()[name].computes
        for name in names
        if name in methods_in_this_folder()
    }
    return [*_list_with_descriptions(methods.items()), *_note_if("score at 0.5" in table, _SCORE)]


def ablation_notes(table: pd.DataFrame) -> list[str]:
    """The notes below an ``ablation_table``."""
    third_party = table[_is_third_party_row(table)]
    methods = third_party[["backend", "computes"]].itertuples(index=False, name=None)
    return [
        *_list_with_descriptions(methods),
        *_note_if(table["paper"].notna().any(), _PAPER),
        *_note_if(table["change"].notna().any(), f"{_CHANGE}{_rows_of_another_linkage(table)}"),
        *notes_on_few_images(table),
        *_note_if(table["ms"].notna().any(), f"{TIME_OF_IMAGES} {_ALL_REGIONS}"),
        *_note_if(len(third_party), f"{_APPROXIMATE} {_FRONT}"),
        *_note_if(_is_forced_row(table).any(), _FORCED),
        *_equal_results_notes(table),
    ]


def _rows_of_another_linkage(table: pd.DataFrame) -> str:
    """A sentence with the rows that are compared with a row of another linkage; "" without such rows."""
    linkages = {(row, linkage) for row, linkage in table[["row", "linkage"]].values}
    names = {row for row, _ in linkages}
    compared = table[table["change"].notna()][["row", "linkage", "against"]].drop_duplicates()
    texts = [
        f"`{row}` (linkage {linkage}) is compared with `{against}`"
        f" (linkage {', '.join(other for name, other in sorted(linkages) if name == against)})"
        for row, linkage, against in compared.itertuples(index=False, name=None)
        if against in names and (against, linkage) not in linkages
    ]
    return f" Of another linkage: {'; '.join(texts)}." if texts else ""


def notes_on_few_images(table: pd.DataFrame) -> list[str]:
    """The note below a table in which a change of AP is shown without its interval, if there is one."""
    few = table["change"].notna() & (table["images"] < LEAST_IMAGES)
    return _note_if(few.any(), _FEW_IMAGES)


def object_sizes_note() -> str:
    """A text that says which object sizes in pixels each column with AP by size has."""
    ranges = [
        f"`{name}` has {size.least_object_pixels:,} "
        + ("pixels or more" if np.isinf(size.end) else f"to {size.end - 1:,} pixels")
        for name, size in SIZE_RANGES.items()
    ]
    return (
        f"AP of the objects in one range of sizes: {', '.join(ranges)}. A wrong prediction counts in the "
        "range that holds the size of this prediction."
    )


def speed_notes(table: pd.DataFrame) -> list[str]:
    """The notes below a ``speed_by_method_table``."""
    third_party = table[_is_third_party_row(table)]
    methods = third_party[["backend", "computes"]].itertuples(index=False, name=None)
    return [
        *_list_with_descriptions(methods),
        f"{_FIELD_TIME} {_equality_of_timed_results(table)}",
        *_note_if(len(third_party), _APPROXIMATE_TIME),
        *verdict_notes(table, SPEED_OF_FIELDS),
        *_note_if(table["peak_mib"].notna().any(), _PEAK_MEMORY),
        *_note_if(len(third_party), f"{_APPROXIMATE} {_CONVERSIONS}"),
        *_note_if(table["agreement"].notna().any(), _F_SCORE),
    ]


def field_table_notes(name: str, table: pd.DataFrame) -> list[str]:
    """The notes below the table of this name in a study of generated fields."""
    if name == "families":
        described = [(name, FAMILIES[name].stands_for) for name in dict.fromkeys(table["family"])]
        families = [_FAMILIES, *_list_with_descriptions(described), *_masked_out_notes(table)]
        return [*families, *speed_notes(table)]
    if name in ("worst_families", "family_speeds"):
        baseline = ", ".join(f"`{each}`" for each in dict.fromkeys(table["speedup_over"]))
        if name == "worst_families":
            return [_WORST_FAMILIES.format(baseline=baseline)]
        return [_FAMILY_SPEEDS.format(baseline=baseline), *_masked_out_notes(table)]
    notes = {"goals": [_GOALS], "scaling": [_SCALING]}
    return notes.get(name) or speed_notes(table)


def _masked_out_notes(table: pd.DataFrame) -> list[str]:
    """The note on the edges of families with a (nearly) empty mask, if the table has one."""
    return _note_if(any(FAMILIES[name].masked_out for name in table["family"]), _MASKED_OUT_EDGES)


def _equality_of_timed_results(table: pd.DataFrame) -> str:
    """A sentence that names the methods whose results those of the timed backends equal."""
    exact = table[(table["identical"] == "yes") & (table["backend"] != table["speedup_over"])]
    texts = [text for text in exact.get("identical_to", []) if text]
    names = dict.fromkeys(name for text in texts for name in text.split(", "))
    others = f" ({', '.join(f'`{name}`' for name in names)})" if names else ""
    return (
        "An exact backend has a time only if its results in this run equal, bit for bit, those of the "
        f"reference{others}, which is compared with all other exact rows."
    )


def _note_if(shown: object, note: str) -> list[str]:
    return [note] if shown else []


def _is_approximate_row(table: pd.DataFrame) -> pd.Series:
    return table["identical"] == APPROXIMATE


def _is_forced_row(table: pd.DataFrame) -> pd.Series:
    """Which rows are approximate by forced local merge alone."""
    return _is_approximate_row(table) & ~_is_third_party_row(table)


def _is_third_party_row(table: pd.DataFrame) -> pd.Series:
    return table["computes"].notna() & (table["computes"] != "")


def _list_with_descriptions(described: Iterable[tuple[str, str]]) -> list[str]:
    """One note: a Markdown list with the description of each name, once. No note if there are no names.

    described: (name, description).
    """
    lines = [f"- `{name}`: {words}" for name, words in dict.fromkeys(described)]
    return ["\n".join(lines)] if lines else []


def _equal_results_notes(table: pd.DataFrame) -> list[str]:
    """For each backend, a sentence that names the methods whose results equal those of the backend."""
    equal = table[table["identical"] == "yes"]
    found = equal[["backend", "identical_to"]].drop_duplicates()
    rows = " in the exact rows" if _is_forced_row(table).any() else ""
    return [
        f"The results of `{backend}`{rows} equal those of {compared}, bit for bit."
        for backend, compared in found.itertuples(index=False, name=None)
    ]
