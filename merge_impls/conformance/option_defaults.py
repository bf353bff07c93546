"""Defaults of the options that all front ends share."""

from pathlib import Path

PROFILES = {"default": 200, "ci": 50, "expensive": 2000}
"""How many examples each random check draws. "expensive" also draws larger ones."""

FAILURES = Path("merge-impls-failures")
"""The folder to which counterexamples are saved."""

TIMEOUT = 20.0
"""Seconds for one merge; far more than the problems of the checks need."""
