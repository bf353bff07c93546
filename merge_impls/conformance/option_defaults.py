"""Defaults of the options that all front ends share."""

from pathlib import Path

PROFILES = {"default": 200, "ci": 50, "expensive": 2000}
"""Examples of each random check. Those of "expensive" are larger, too."""

FAILURES = Path("merge-impls-failures")
"""The folder for counterexamples."""

TIMEOUT = 20.0
"""Seconds for one merge; long for problems of this size."""

NO_HYPOTHESIS = "hypothesis is not installed: pip install 'merge-impls[conformance]'"
