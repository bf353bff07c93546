"""CITATION.cff, CHANGELOG.md and LICENSE: their shape, and that they agree with pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
CHANGE_KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
"""The kinds of changes of Keep a Changelog."""


@pytest.fixture(scope="module")
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


def is_author(entry):
    """Whether an entry is a person or an entity of the Citation File Format."""
    return set(entry) in ({"name"}, {"family-names", "given-names"}) and all(entry.values())


def test_the_citation_has_the_entries_that_the_format_requires(citation):
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    for name in ("message", "title", "abstract"):
        assert citation[name] and isinstance(citation[name], str)
    assert citation["authors"] and all(map(is_author, citation["authors"]))


def test_the_citation_agrees_with_the_project(citation):
    assert citation["title"] == PROJECT["name"]
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
    assert citation["authors"] == PROJECT["authors"]
    assert set(PROJECT["keywords"]) <= set(citation["keywords"])


def test_the_citation_refers_to_the_paper(citation):
    (paper,) = citation["references"]
    assert paper["type"] == "conference-paper"
    assert paper["title"] == "Affinity Derivation and Graph Merge for Instance Segmentation"
    assert len(paper["authors"]) == 7 and all(map(is_author, paper["authors"]))
    assert paper["conference"]["name"] and paper["year"] == 2018
    assert re.fullmatch(r"10\.\d{4,}/\S+", paper["doi"])


def test_the_changelog_has_dated_versions_and_known_kinds_of_changes():
    assert CHANGELOG.startswith("# Changelog\n")
    versions = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    assert versions[0] == "[Unreleased]"
    for version in versions[1:]:
        assert re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", version), version
    kinds = re.findall(r"^### (\w+)", CHANGELOG, re.MULTILINE)
    assert kinds and set(kinds) <= CHANGE_KINDS


def test_the_licence_is_the_one_that_the_project_names():
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("BSD 3-Clause License") and PROJECT["license"] == "BSD-3-Clause"
    assert PROJECT["authors"][0]["name"] in text
