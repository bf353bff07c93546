"""The summary of a report in words: what is fastest and best, what is wrong, what is not measured."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.pages.doubtful_times import describe_doubt_of_all_times, warnings_of_all_rows
from bench.report.pages.fastest_methods import describe_fastest_methods
from bench.report.pages.fault_summary import describe_faults
from bench.report.pages.notes import notes_on_few_images
from bench.report.run_summary import (
    describe_absent_optional,
    describe_missing_ap,
    describe_unsupported_families,
)
from bench.report.tables.formats import speed_baseline
from bench.report.tables.method_names import quoted_row_name, row_name
from bench.report.tables.runs_side_by_side import best_ap_row
from bench.report.tables.value_labels import class_columns
from bench.runner.record import Record
from merge_impls.measurement_statistics import FASTER, LEAST_IMAGES, SLOWER
from merge_impls.text_formats import pluralized

LEAST_FALL_OF_CLASS = 0.01
"""If the AP of a class falls by this or more while the mean rises, the summary has a sentence on it."""

_NEVER_TIMED = "The times of networks, of making graphs and of scoring: a study times merges alone."


def summarize_study(
    found: Sequence[Record], tables: Mapping[str, pd.DataFrame]
) -> dict[str, list[str]]:
    """Sentences in Markdown about the records of a study, by the question that they answer.

    tables: the ``study_tables`` of the records. Every question has at least one sentence. A study of
        generated fields alone has no questions about AP.
    """
    has_images = any(not record.is_of_fields for record in found)
    return {
        "What is fastest?": describe_fastest_methods(found, tables) or ["No time was measured."],
        **(_answer_questions_about_ap(found, tables) if has_images else {}),
        "What may be chance?": [*_describe_chance(tables)]
        or [f"{'No change of AP' if has_images else 'No difference of time'} was tested."],
        "What is wrong?": describe_faults(found, tables),
        "What is not measured?": [
            *(
                [*_describe_unmeasured(found, tables)]
                or ["Every row of the tables has its measurements."]
            ),
            *([_NEVER_TIMED] if has_images else []),
        ],
    }


def _answer_questions_about_ap(
    found: Sequence[Record], tables: Mapping[str, pd.DataFrame]
) -> dict[str, list[str]]:
    return {
        "What has the best AP?": [*_describe_best_ap(found, tables)] or ["No AP was measured."],
        "Which changes of AP are more than chance?": [*_describe_certain_changes(tables)]
        or [_describe_lack_of_certain_changes(tables)],
    }


def _describe_lack_of_certain_changes(tables: Mapping[str, pd.DataFrame]) -> str:
    """Why no change of AP is said to be more than chance."""
    table = tables.get("ablation")
    if table is None or not table["change"].notna().any():
        return "No change of AP was measured."
    if notes_on_few_images(table):
        return _few_images_text(table)
    return "None: the 95% interval of each change includes 0."


def _few_images_text(table: pd.DataFrame) -> str:
    images = table["images"].max()
    return (
        f"This study of {images} image{'' if images == 1 else 's'} cannot tell whether a change of AP is "
        f"more than chance: that takes {LEAST_IMAGES} images or more."
    )


def _describe_best_ap(found: Sequence[Record], tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """The best row, and the best of those that read the annotation, whose AP is a ceiling."""
    ceiling_words = ", which reads the annotation in place of the networks' predictions"
    for start, words, oracle in (("", "", False), ("Ceiling: ", ceiling_words, True)):
        best = best_ap_row(found, tables, oracle)
        if best is not None:
            linkage = f", {best['linkage']} linkage" if best["linkage"] else ""
            score = f"AP {best['AP']:.3f} on {pluralized(best['images'], 'image')}"
            yield f"{start}`{best['best']}`{linkage}{words}: {score}."


def _describe_certain_changes(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """A sentence for each change of AP whose interval excludes 0. Few images have no interval.

    If AP rises while that of a class falls, the sentence names the class.
    """
    table = tables.get("ablation")
    if table is None or notes_on_few_images(table):
        return
    certain = table[(table["change_low"] > 0) | (table["change_high"] < 0)]
    for row in _one_row_of_each_name(certain):
        words = "better" if row["change"] > 0 else "worse"
        rows = (
            f"{quoted_row_name(row)} is {words} than `{row['against']}`, {row['linkage']} linkage"
        )
        paper, falls = _paper_change_text(table, row), _describe_falls_of_classes(table, row)
        yield f"{rows}: {_change_text(row)}{paper}{falls}."


def _one_row_of_each_name(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    """The rows of an ``ablation_table`` without those that differ in an exact backend alone."""
    rows = table.to_dict("records")
    return list(
        {
            (row_name(each), each["linkage"], each["against"]): each for each in reversed(rows)
        }.values()
    )[::-1]


def _change_text(row: Mapping[Hashable, Any]) -> str:
    interval = f"95% interval {row['change_low']:+.3f} to {row['change_high']:+.3f}"
    return f"{row['change']:+.3f} ({interval})"


def _paper_change_text(table: pd.DataFrame, row: Mapping[Hashable, Any]) -> str:
    """The change of AP between two rows in the paper, and whether it has the direction of ours.

    "" if the paper has no AP of one of them.
    """
    before = _compared_row(table, row)
    change = np.nan if before is None else row["paper"] - before["paper"]
    if np.isnan(change):
        return ""
    direction = "the same" if np.sign(change) == np.sign(row["change"]) else "the opposite"
    return f"; in the paper {change:+.3f}, {direction} direction"


def _describe_falls_of_classes(table: pd.DataFrame, row: Mapping[Hashable, Any]) -> str:
    """The classes whose AP falls from the compared row to a row of an ``ablation_table`` with higher AP."""
    before = _compared_row(table, row)
    if row["change"] <= 0 or before is None:
        return ""
    changes = {name: row[name] - before[name] for name in class_columns(table)}
    falls = [f"{name} {by:+.3f}" for name, by in changes.items() if by <= -LEAST_FALL_OF_CLASS]
    rule = f"AP of a class falls by {LEAST_FALL_OF_CLASS} or more (without an interval)"
    return f"; {rule}: {', '.join(falls)}" if falls else ""


def _compared_row(table: pd.DataFrame, row: Mapping[Hashable, Any]) -> pd.Series | None:
    """The row of an ``ablation_table`` with which ``row`` is compared. None if the table lacks it."""
    keys = [name for name in ("machine", "linkage", "backend") if name in table]
    alike = (table[keys] == [row[name] for name in keys]).all(axis=1)
    before = table[alike & (table["row"] == row["against"])]
    return None if before.empty else before.iloc[0]


def _describe_chance(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Sentences about the times and the changes of AP that may be chance, and those that were not tested."""
    if "speed_accuracy" in tables:
        yield from _describe_doubtful_times(tables["speed_accuracy"])
    yield from _describe_noise_of_times(tables)
    table = tables.get("ablation")
    if table is None or not table["change"].notna().any():
        return
    unsure = table[(table["change_low"] <= 0) & (table["change_high"] >= 0)]
    few = notes_on_few_images(table)
    if few:
        yield _few_images_text(table)
    elif unsure.empty:
        yield "No change of AP: the 95% interval of every change excludes 0."
    for row in () if few else unsure.to_dict("records"):
        rows = f"from `{row['against']}` to {quoted_row_name(row)}, {row['linkage']} linkage"
        paper = _paper_change_text(table, row)
        yield f"The interval of the change of AP {rows}, spans 0: {_change_text(row)}{paper}."


def _describe_doubtful_times(table: pd.DataFrame) -> Iterator[str]:
    """Sentences about the speeds that are indistinguishable from 1, and about the warnings of times."""
    compared = table[table["verdict"].fillna("") != ""]
    unsure = compared[~compared["verdict"].isin((SLOWER, FASTER))]
    for row in unsure.to_dict("records"):
        times = f"The time of {_name_and_linkage(row)} and that of {speed_baseline(row)}"
        yield f"{times}: {row['verdict']}."
    if len(compared) and unsure.empty:
        names = ", ".join(dict.fromkeys(map(speed_baseline, compared.to_dict("records"))))
        yield f"No time that is compared: every method is faster or slower than {names}."
    doubtful = table[table["warnings"].fillna("") != ""]
    if describe_doubt_of_all_times({"speed_accuracy": table}):
        doubtful = doubtful[:0]  # the faults have a sentence on all times
    for row in doubtful.to_dict("records"):
        yield f"The time of {_name_and_linkage(row)} is doubtful: {row['warnings']}"


def _describe_noise_of_times(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Sentences about compared times without an A/A measurement, and about fields with few rounds."""
    compared = [
        table[table["speedup"].notna()]
        for name, table in tables.items()
        if name == "speed_accuracy" or name.startswith("speed_")
    ]
    rows = pd.concat(compared) if compared else pd.DataFrame()
    if rows.empty:
        return
    if rows["noise_floor"].isna().all():
        yield (
            "Small differences of time: the times have no A/A measurement, so the noise floor is unknown "
            "and is taken as 0."
        )
    if "scope" not in rows:
        common = warnings_of_all_rows(rows)
        yield from (f"Each time of a field: {warning}." for warning in common)


def _describe_unmeasured(
    found: Sequence[Record], tables: Mapping[str, pd.DataFrame]
) -> Iterator[str]:
    yield from describe_missing_ap(found)
    yield from describe_absent_optional(found)
    yield from describe_unsupported_families(found)
    for name in ("speed_accuracy", "ablation"):
        if name in tables:
            table = tables[name].assign(shown=tables[name].apply(_name_and_linkage, axis=1))
            yield from _describe_empty(table, "AP", "No AP")
            yield from _describe_empty(table, "ms", "No time")


def _name_and_linkage(row: Mapping[Hashable, Any] | pd.Series) -> str:
    on = " on crops" if row.get("scope") == "crops" else ""
    return f"{quoted_row_name(row)} ({row['linkage']}){on}"


def _describe_empty(table: pd.DataFrame, column: str, words: str) -> Iterable[str]:
    names = table.loc[table[column].isna(), "shown"]
    return [f"{words}: {', '.join(dict.fromkeys(names))}"] if len(names) else []
