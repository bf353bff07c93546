"""The page of a report: its blocks from top to bottom, and the Markdown file that shows them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from bench.report.figures.style import narrow_path
from bench.report.tables.shown_columns import shown_columns_markdown
from merge_impls.file_writing import atomic_write


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, or a list, of text in Markdown."""

    text: str

    def to_markdown(self) -> str:
        return self.text


@dataclass(frozen=True)
class Heading:
    """A heading of the second level."""

    text: str

    def to_markdown(self) -> str:
        return f"## {self.text}"


@dataclass(frozen=True)
class Table:
    """A table. ``name`` is the name of its CSV file, without ``.csv``."""

    name: str
    frame: pd.DataFrame = field(compare=False)

    def to_markdown(self) -> str:
        link = f"All columns, unrounded: [{self.name}.csv]({self.name}.csv)."
        return f"{shown_columns_markdown(self.name, self.frame)}\n\n{link}"


@dataclass(frozen=True)
class Figure:
    """A picture, whose file is in the folder of the page.

    narrow: the file with the same picture for a phone; None if there is none.
    """

    path: Path
    caption: str
    narrow: Path | None = None

    def to_markdown(self) -> str:
        return f"![{self.caption}]({self.path.name})"


Block = Paragraph | Heading | Table | Figure


class Page:
    """A page: a title, and blocks in the order in which they are added."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.blocks: list[Block] = []

    def add_paragraphs(self, *paragraphs: str) -> None:
        """Add paragraphs of text in Markdown."""
        self.blocks += map(Paragraph, paragraphs)

    def add_section(self, heading: str, *paragraphs: str) -> None:
        """Add a heading of the second level, and the paragraphs below it."""
        self.blocks.append(Heading(heading))
        self.add_paragraphs(*paragraphs)

    def add_table(self, heading: str, name: str, frame: pd.DataFrame, notes: Iterable[str]) -> str:
        """Add a section with a table, a link to ``NAME.csv``, and notes. Returns the table in Markdown.

        Notes that the page already has are not repeated.
        """
        new = [note for note in notes if Paragraph(note) not in self.blocks]
        self.blocks += [Heading(heading), Table(name, frame)]
        self.add_paragraphs(*new)
        return shown_columns_markdown(name, frame)

    def add_list_section(self, heading: str, lines: Iterable[str]) -> None:
        """Add a section with a bullet for each line. Without lines, add nothing."""
        bullets = "\n".join(f"- {line}" for line in lines)
        if bullets:
            self.add_section(heading, bullets)

    def add_environment(self, environment: Mapping[str, str]) -> None:
        """Add a section on the machine, the libraries and the times of a study."""
        lines = [f"{name}: {value}" for name, value in environment.items()]
        self.add_list_section("Environment", lines)

    def add_figure(self, path: Path, caption: str) -> None:
        """Add a picture whose file is in the folder of the page. Without the file, add nothing.

        The file ``narrow_path(path)`` is the picture for a phone, if it exists.
        """
        if path.exists():
            narrow = narrow_path(path)
            self.blocks.append(Figure(path, caption, narrow if narrow.exists() else None))

    def write(self, path: Path) -> None:
        """Write the page as Markdown in one step, in UTF-8."""
        paragraphs = [f"# {self.title}", *(block.to_markdown() for block in self.blocks)]
        with atomic_write(path) as unfinished:
            unfinished.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")
