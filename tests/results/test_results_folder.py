"""results/ keeps only what cannot be drawn again: records, tables, pages, and the figures that texts show."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "results"
MOST_BYTES = 5_000_000
KEPT = {"records.jsonl", "report.md", "tuning.json"}
"""The files of a study's folder beside tables (CSV) and figures (PNG)."""


def linked_paths(text, folder):
    """The files that a text in a folder links to or shows, relative to the clone."""
    found = re.findall(r"\]\(([^)#\s]+)\)", text)
    paths = [(folder / target).resolve() for target in found if not target.startswith("http")]
    return {path.relative_to(ROOT) for path in paths if path.is_relative_to(ROOT)}


def shown_figures():
    """The figures of results/ that README, docs and notebooks show."""
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("notebooks/*.ipynb")]
    shown = set().union(*(linked_paths(path.read_text(), path.parent) for path in texts))
    return {path for path in shown if path.suffix == ".png" and path.parts[0] == "results"}


def test_results_take_less_than_5_mb():
    assert sum(path.stat().st_size for path in RESULTS.rglob("*") if path.is_file()) < MOST_BYTES


def test_results_hold_the_figures_that_texts_show_and_no_others():
    assert {path.relative_to(ROOT) for path in RESULTS.rglob("*.png")} == shown_figures()


def test_a_study_s_folder_holds_only_records_tables_pages_and_figures():
    for path in RESULTS.glob("*/*"):
        assert path.suffix in (".csv", ".png") or path.name in KEPT, path


def test_pages_show_only_figures_that_are_kept():
    for page in RESULTS.glob("*/report.md"):
        for path in linked_paths(page.read_text(), page.parent):
            assert (ROOT / path).exists(), f"{page}: {path}"
