"""The HTML file of a page: one file with the pictures, and with tables that can be sorted and filtered."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.report.pages.format_libraries import check_format_libraries
from bench.report.pages.glossary import Word, words_in
from bench.report.pages.page import Block, Figure, Heading, Page, Paragraph, Table
from bench.report.tables.formats import ShownColumn
from bench.report.tables.result_text import result_text
from bench.report.tables.shown_columns import row_id, shown_columns
from bench.report.tables.value_labels import value_labels, values_without_meaning
from merge_impls.file_writing import atomic_write

if TYPE_CHECKING:
    import jinja2

LOWER_IS_BETTER = {"ms", "round_ms", "peak_mib", "ns_an_edge", "exponent", "highest_exponent"}
"""The columns of numbers that are sorted from low to high at the first click; all others from high to low."""


MOST_COLUMNS = 7
"""The number of columns of a table that are shown at most before a row is unfolded."""

MOST_ROWS = 30
"""The number of rows of a table that is shown at most before the table is unfolded."""

WORDS_ABOUT_CSV = {"in the CSV": "under “all values”", "the CSV also has": "“all values” also has"}
"""Words of the notes, and what an HTML page says instead: its rows contain what a CSV file has."""


@dataclass(frozen=True)
class Row:
    """A row of a table.

    cells: (text, sort key) of each shown column. details: (label, text) of each column with a value.
    """

    cells: list[tuple[str, str]]
    details: list[tuple[str, str]]


@dataclass(frozen=True)
class PagePart:
    """A part of an HTML page with its own summary, such as the report of one run.

    summary: sentences in Markdown, by the question that they answer. environment: the values of each entry.
    commands: command lines, by what they do.
    """

    page: Page
    summary: Mapping[str, Sequence[str]]
    environment: Mapping[str, str] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)


def write_html_page(path: Path, title: str, parts: Sequence[PagePart]) -> None:
    """Write a page as one HTML file that contains its pictures, its styles and its scripts."""
    check_format_libraries("html")
    text = _template().render(
        title=title,
        parts=parts,
        words=_words_of_parts(parts),
        most_rows=MOST_ROWS,
        table_script=_library_file("dt_bundle.js"),
        table_style=_library_file("dt_bundle.css"),
    )
    with atomic_write(path) as unfinished:
        unfinished.write_text(text, encoding="utf-8")


def _template() -> "jinja2.Template":
    import jinja2

    folder = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(
        loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "markdown": _markdown_to_html,
        "sentence": _sentence_to_html,
        "sections": _sections,
        "data_uri": _picture_uri,
        "inline_svg": _inline_svg,
        "rows": _rows,
        "row_id": lambda table, number: row_id(table.name, number),
        "columns": _first_columns,
        "first_order": _first_order,
    }
    environment.tests |= {
        kind.__name__.lower(): lambda block, kind=kind: isinstance(block, kind)
        for kind in (Paragraph, Table, Figure)
    }
    return environment.get_template("report.html")


def _words_of_parts(parts: Sequence[PagePart]) -> list[Word]:
    """The explained words that occur in the texts, the summaries and the tables of a page."""
    texts: list[str] = []
    for part in parts:
        texts += [sentence for sentences in part.summary.values() for sentence in sentences]
        for block in part.page.blocks:
            texts += _texts_of_table(block) if isinstance(block, Table) else [_text_of(block)]
    return words_in("\n".join(texts))


def _text_of(block: Paragraph | Heading | Figure) -> str:
    return block.caption if isinstance(block, Figure) else block.text


def _texts_of_table(table: Table) -> list[str]:
    """The headings and the cells of a table, and the values that are shown when a row is unfolded."""
    columns, rows = _first_columns(table), _rows(table)
    cells = [text for row in rows for text, _ in row.cells]
    details = [text for row in rows for pair in row.details for text in pair]
    return [*(column.heading for column in columns), *cells, *details]


def _sections(blocks: Sequence[Block]) -> list[tuple[str, list[Block]]]:
    """The blocks below each heading. The blocks above the first heading have the heading ""."""
    sections: list[tuple[str, list[Block]]] = [("", [])]
    for block in blocks:
        if isinstance(block, Heading):
            sections.append((block.text, []))
        else:
            sections[-1][1].append(block)
    return sections


@cache
def _markdown() -> Any:
    """A reader of the Markdown of our notes: lists and `code`. All other characters are text."""
    return import_module("markdown_it").MarkdownIt("zero").enable(["backticks", "list"])


def _label_under_all_values(named: re.Match[str]) -> str:
    """What an HTML page says instead of the name of a column of the CSV: the label of its values."""
    name = named[1]
    return f"`{value_labels(pd.DataFrame(columns=[name]))[name]}` under “all values”"


def _markdown_to_html(text: str) -> Any:
    text = re.sub("`([^`]+)` in the CSV", _label_under_all_values, text)
    for words, instead in WORDS_ABOUT_CSV.items():
        text = text.replace(words, instead)
    return import_module("markupsafe").Markup(_markdown().render(text))


def _sentence_to_html(text: str) -> Any:
    return import_module("markupsafe").Markup(_markdown().renderInline(text))


def _picture_uri(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _inline_svg(path: Path, part: str) -> Any:
    """The SVG file as an element of the page. part: the prefix of all identifiers of the part.

    Other identifiers than those of rows also get the name of the file, as figures may share them.
    """
    text = path.read_text(encoding="utf-8").replace('href="#row-', f'href="#{part}row-')
    own = rf"\1{part}{path.stem}-"
    text = re.sub(rf'( id="|url\(#|href="#)(?!{part}row-)', own, text)
    return import_module("markupsafe").Markup(text)


def _library_file(name: str) -> str:
    """A file of DataTables, as itables contains it, in base64."""
    file = resources.files("itables") / "html" / name
    return base64.b64encode(file.read_bytes()).decode()


def _first_columns(table: Table) -> list[ShownColumn]:
    """The columns that are shown before a row is unfolded."""
    return shown_columns(table.name, table.frame)[:MOST_COLUMNS]


def _rows(table: Table) -> list[Row]:
    shown = _first_columns(table)
    records = table.frame.to_dict("records")
    labels = value_labels(table.frame)
    return [
        Row(
            [(column.cells[number], _sort_key(column, record)) for column in shown],
            [
                (
                    labels[str(name)],
                    result_text(record) if name == "identical" else _detail_text(value),
                )
                for name, value in record.items()
                if _has(value) and name not in values_without_meaning(record)
            ],
        )
        for number, record in enumerate(records)
    ]


def _sort_key(column: ShownColumn, record: Mapping[Any, Any]) -> str:
    """The value by which a cell is sorted. Missing numbers come last at the first click."""
    value = record[column.name]
    if not column.is_number:
        return str(value) if _has(value) else ""
    if _has(value):
        return repr(float(value))
    return "1e308" if column.name in LOWER_IS_BETTER else "-1e308"


def _first_order(column: ShownColumn) -> str:
    """The order of the rows after the first click on a heading."""
    return "desc" if column.is_number and column.name not in LOWER_IS_BETTER else "asc"


def _has(value: Any) -> bool:
    return not pd.isna(value) and value != ""


def _detail_text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
