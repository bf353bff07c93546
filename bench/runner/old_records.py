"""Converts records of earlier schemas to the present schema. Entries that they lack get default values."""

from typing import Any

SCHEMA_VERSION = 4
"""2 added fields, 3 rows and strategies. Since 4 every record has the same entries."""

_ADDED: dict[str, Any] = {"computes": "", "strategy": {}, "truth": []}
_ADDED_TO_IMAGES: dict[str, Any] = {
    "regions": 1,
    "cpu_seconds": [],
    "call_seconds": [],
    "conversion_seconds": [],
    "peak_bytes": None,
    "input_bytes": None,
    "agreement": None,
}
_LEFT_OUT_OF_FIELDS = ("regions",)
"""All that records of fields could leave out; of images all of the added entries could be missing."""


def upgraded(entries: Any) -> Any:
    """The JSON value of a record of schema 1 to 3 as one of schema 4. Any other value is given back."""
    if not isinstance(entries, dict) or entries.get("schema") not in (1, 2, 3):
        return entries
    of_fields = "fields" in _table(entries.get("hashes"))
    added = {"strategy": {}, "truth": []} if of_fields else _ADDED
    names = _LEFT_OUT_OF_FIELDS if of_fields else _ADDED_TO_IMAGES
    of_image = {name: _ADDED_TO_IMAGES[name] for name in names}
    images = entries.get("images")
    if isinstance(images, list):
        entries = entries | {"images": [of_image | _table(image) for image in images]}
    return added | entries | {"schema": SCHEMA_VERSION}


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
