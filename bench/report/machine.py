"""The machine that a study was measured on, in words."""

from collections.abc import Mapping, Sequence


def machine_words(records: Sequence[Mapping]) -> str:
    """Of records that were all made on one machine."""
    return ", ".join(f"{key} {value}" for key, value in records[0]["machine"].items())
