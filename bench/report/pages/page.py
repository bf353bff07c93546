"""A report's page: a Markdown file, built from top to bottom."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from bench.report.tables.narrow import table_markdown
from merge_impls.files import atomic_write


class Page:
    """Paragraphs of Markdown under a title, with an empty line between them."""

    def __init__(self, title: str) -> None:
        self._paragraphs = [f"# {title}"]

    def add(self, *paragraphs: str) -> None:
        """Add text or tables that are Markdown already."""
        self._paragraphs += paragraphs

    def section(self, heading: str, *paragraphs: str) -> None:
        """Add a heading of the second level and what stands below it."""
        self.add(f"## {heading}", *paragraphs)

    def table(self, heading: str, name: str, frame: pd.DataFrame, notes: Iterable[str]) -> str:
        """Add a section with a table, a link to ``NAME.csv`` beside the page, and notes; returns the table.

        Notes that are on the page already are not repeated.
        """
        text = table_markdown(name, frame)
        new = [note for note in notes if note not in self._paragraphs]
        self.section(heading, text, f"All columns, unrounded: [{name}.csv]({name}.csv).", *new)
        return text

    def list_section(self, heading: str, lines: Iterable[str]) -> None:
        """Add a section with one bullet a line; no section if there are no lines."""
        bullets = "\n".join(f"- {line}" for line in lines)
        if bullets:
            self.section(heading, bullets)

    def figure(self, path: Path, caption: str) -> None:
        """Add a picture that lies beside the page; nothing if there is no such file."""
        if path.exists():
            self.add(f"![{caption}]({path.name})")

    def write(self, path: Path) -> None:
        """Write the page in UTF-8, whole or not at all."""
        with atomic_write(path) as unfinished:
            unfinished.write_text("\n\n".join(self._paragraphs) + "\n", encoding="utf-8")
