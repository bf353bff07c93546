"""The sentences of a summary about the fastest methods."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from bench.report.tables.image_merge_times import APPROXIMATE, SHARED_COLUMNS, merge_times
from bench.report.tables.method_names import quoted_row_name
from bench.runner.record import Record, latest_record_of_each_cell
from merge_impls.text_formats import format_three_digits

_CELL_KEYS = (*SHARED_COLUMNS, "backend", "linkage", "threads", "row")
"""The columns of tables that tell the cells of a study apart."""


def describe_fastest_methods(
    found: Sequence[Record], tables: Mapping[str, pd.DataFrame]
) -> list[str]:
    """Sentences for each linkage and each noise, and what the times contain. [] without times."""
    sentences = [*_describe_fastest(found, tables)]
    what = "These are times of the merge alone, without networks, the making of graphs and scoring."
    return [*sentences, what] if sentences else []


def _describe_fastest(found: Sequence[Record], tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Sentences for each linkage, and for each noise of a study of fields."""
    of_images = (each for each in latest_record_of_each_cell(found) if not each.is_of_fields)
    times = merge_times(of_images)
    for name, table in tables.items():
        if name in ("speed_accuracy", "ablation"):
            yield from _fastest_of_each_linkage(table, "ms", "to merge an image", times)
        elif name.startswith("speed_"):
            words = f"to merge a field, {name.removeprefix('speed_')} noise"
            yield from _fastest_of_each_linkage(table, "round_ms", words, times[:0])


def _fastest_of_each_linkage(
    table: pd.DataFrame, time: str, words: str, times: pd.DataFrame
) -> Iterator[str]:
    """The two fastest exact rows of each linkage, and the approximate row that is faster, if there is one.

    times: as from ``merge_times``; without rows for a table of fields.
    """
    setting = [name for name in SHARED_COLUMNS if name in table]
    timed = table[table[time].notna() & table["identical"].isin(["yes", APPROXIMATE])]
    timed = timed[timed["scope"] == "maps"] if "scope" in table else timed
    for key, alike in timed.groupby([*setting, "linkage"], sort=False):
        rows = alike.sort_values(time)
        exact = rows[rows["identical"] == "yes"]
        linkage = f"{str(key[-1]).capitalize()} linkage" + "".join(
            f", {name} {value}" if name == "machine" else f", {value}"
            for name, value in zip(setting, key, strict=False)
        )
        if len(exact):
            next_row = _next_row_text(exact, time, times) if len(exact) > 1 else ""
            yield f"{linkage}, exact: {_time_text(exact.iloc[0], time)} {words}{next_row}."
        if rows.iloc[0]["identical"] == APPROXIMATE:
            best = rows.iloc[0]
            yield f"{linkage}, approximate: {_time_text(best, time)} {words}{_ap_text(best)}."


def _next_row_text(rows: pd.DataFrame, time: str, times: pd.DataFrame) -> str:
    """The second row, and on how many images the first one was faster; rows of fields have no images.

    times: as from ``merge_times``.
    """
    first, second = rows.iloc[0], rows.iloc[1]
    text = f"; next {_time_text(second, time)}"
    if times.empty:
        return text
    pairs = pd.concat([_times_of_row(times, first), _times_of_row(times, second)], axis=1).dropna()
    faster = int((pairs.iloc[:, 0] < pairs.iloc[:, 1]).sum())
    return f"{text}, which is slower on {faster} of {len(pairs)} images"


def _times_of_row(times: pd.DataFrame, row: pd.Series) -> pd.Series:
    """The milliseconds of each image of a row of a table, by the name of the image."""
    keys = [name for name in _CELL_KEYS if name in row and name in times]
    own = times[(times[keys] == row[keys]).all(axis=1)]
    return own[own["scope"] == "maps"].set_index("image")["ms"]


def _ap_text(row: pd.Series) -> str:
    """The AP of a row of images; "" without one."""
    return f", with AP {row['AP']:.3f}" if pd.notna(row.get("AP")) else ""


def _time_text(row: pd.Series, time: str) -> str:
    """The name of a row and its time; the quartiles too, unless there is only one time."""
    low, high = row[f"{time}_q1"], row[f"{time}_q3"]
    text = f"{_backend_and_row_name(row)} with {format_three_digits(row[time])} ms"
    if pd.isna(low) or low == high:
        return text
    return f"{text} (quartiles {format_three_digits(low)} to {format_three_digits(high)})"


def _backend_and_row_name(row: pd.Series) -> str:
    """The name of a row of a table; with the backend too if the table has rows of several backends."""
    if "row" in row and "method" in row:
        return f"`{row['backend']}` in the row `{row['row']}`"
    return quoted_row_name(row)
