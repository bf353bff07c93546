"""The options of ``pytest --pyargs merge_impls.conformance``; ``merge-impls validate`` has the same.

An entry point makes pytest load this module at the start of every session. A ``conftest`` cannot
declare these options: with ``--pyargs`` pytest reads it only after it has parsed the command line.
"""

from pathlib import Path

import pytest

from merge_impls.conformance.option_defaults import FAILURES, PROFILES


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options. ``merge-impls validate --help`` describes them."""
    group = parser.getgroup("merge-impls", "conformance of a merge backend")
    group.addoption("--merge-backend", metavar="NAME|module:object")
    group.addoption("--merge-profile", choices=tuple(PROFILES), default="default")
    group.addoption("--merge-examples", type=int, metavar="N")
    group.addoption("--merge-seed", type=int, default=0)
    group.addoption("--merge-xfails", type=Path, metavar="FILE")
    group.addoption("--merge-failures", type=Path, metavar="DIR", default=FAILURES)
    group.addoption("--merge-timeout", type=float, metavar="SECONDS")
    group.addoption("--merge-memory", type=int, metavar="MIB")
