"""Default values of the options that all front ends of the conformance kit share."""

from pathlib import Path

PROFILES = {"default": 200, "ci": 50, "expensive": 2000}
"""For each profile, the number of problems that a random check draws. "expensive" also draws larger ones."""

FAILURES = Path("merge-impls-failures")
"""The folder to which problems that fail a check are saved."""

TIMEOUT = 20.0
"""Seconds after which a merge is stopped. Any problem of the checks needs far less."""

START_SECONDS = 300.0
"""The seconds that the import of a backend may take, and its first merge if no timeout is given.

A backend may compile itself in its first merge, which takes longer than all later ones.
"""
