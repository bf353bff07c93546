"""The commands of ``python -m bench``. Each imports what it needs when it runs: ``--help`` stays light."""

from bench.cli import caching, learning, looking, studying
from bench.cli.common import main

__all__ = ["caching", "learning", "looking", "main", "studying"]
