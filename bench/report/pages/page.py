"""The page of a report: a Markdown file that is built from top to bottom."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from bench.report.tables.shown_columns import shown_columns_markdown
from merge_impls.file_writing import atomic_write


class Page:
    """A Markdown page: a title, and paragraphs with an empty line between them."""

    def __init__(self, title: str) -> None:
        self._paragraphs = [f"# {title}"]

    def add_paragraphs(self, *paragraphs: str) -> None:
        """Add paragraphs of text in Markdown."""
        self._paragraphs += paragraphs

    def add_section(self, heading: str, *paragraphs: str) -> None:
        """Add a heading of the second level, and the paragraphs below it."""
        self.add_paragraphs(f"## {heading}", *paragraphs)

    def add_table(self, heading: str, name: str, frame: pd.DataFrame, notes: Iterable[str]) -> str:
        """Add a section with a table, a link to ``NAME.csv``, and notes. Returns the table in Markdown.

        Notes that the page already has are not repeated.
        """
        text = shown_columns_markdown(name, frame)
        new = [note for note in notes if note not in self._paragraphs]
        self.add_section(heading, text, f"All columns, unrounded: [{name}.csv]({name}.csv).", *new)
        return text

    def add_list_section(self, heading: str, lines: Iterable[str]) -> None:
        """Add a section with a bullet for each line. Without lines, add nothing."""
        bullets = "\n".join(f"- {line}" for line in lines)
        if bullets:
            self.add_section(heading, bullets)

    def add_figure(self, path: Path, caption: str) -> None:
        """Add a picture whose file is in the folder of the page. Without the file, add nothing."""
        if path.exists():
            self.add_paragraphs(f"![{caption}]({path.name})")

    def write(self, path: Path) -> None:
        """Write the page in one step, in UTF-8."""
        with atomic_write(path) as unfinished:
            unfinished.write_text("\n\n".join(self._paragraphs) + "\n", encoding="utf-8")
