"""The pages that users read, their headings, links and blocks of code."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
INDEX = ROOT / "docs" / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, *DOCS, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "results").glob("*.md"))]
"""Pages whose commands and figures are tested."""

LINKED = [
    *PAGES,
    *(ROOT / name for name in ("merge_impls/CONTRACT.md", "c_merge/fast/DESIGN.md")),
    *sorted((ROOT / "notebooks").glob("*.ipynb")),
]
"""Pages whose links are tested."""

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, "" for none, and its content."""

    page: Path
    language: str
    content: str


def relative(page):
    return page.relative_to(ROOT).as_posix()


def blocks(page):
    """The blocks of a page, in order."""
    return [Block(page, *found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


def prose(page):
    """The text of a page without its blocks of code."""
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def links(page):
    """The targets of all links and pictures of a page."""
    return re.findall(r"\]\(([^)\s]+)\)", prose(page))


def pictures(page):
    """The files of all pictures of a page."""
    return [page.parent / path for path in re.findall(r"!\[[^]]*\]\(([^)\s]+)\)", prose(page))]


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
