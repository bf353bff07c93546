"""Converts records of earlier schemas to the present schema. Missing entries get default values."""

from typing import Any

SCHEMA_VERSION = 5
"""The present version of the schema.

Version 2 added records of fields; version 3 added rows and strategies. Since version 4 all records have the
same entries. Since version 5 each line of a file has a checksum.
"""

SCHEMAS_WITHOUT_CHECKSUM = (1, 2, 3, 4)

_DEFAULTS: dict[str, Any] = {"computes": "", "strategy": {}, "truth": []}
_IMAGE_DEFAULTS: dict[str, Any] = {
    "regions": 1,
    "cpu_seconds": [],
    "call_seconds": [],
    "conversion_seconds": [],
    "peak_bytes": None,
    "input_bytes": None,
    "agreement": None,
}
_LEFT_OUT_OF_FIELDS = ("regions",)
"""The only entries of ``_IMAGE_DEFAULTS`` that a record of fields could lack."""


def upgrade_record_entries(entries: Any) -> Any:
    """Convert the JSON value of a record of schema 1, 2, 3 or 4 to schema 5.

    Any other value is returned unchanged.
    """
    if not isinstance(entries, dict) or entries.get("schema") not in SCHEMAS_WITHOUT_CHECKSUM:
        return entries
    if entries["schema"] == 4:
        return entries | {"schema": SCHEMA_VERSION}
    of_fields = "fields" in _dict_or_empty(entries.get("hashes"))
    added = {"strategy": {}, "truth": []} if of_fields else _DEFAULTS
    names = _LEFT_OUT_OF_FIELDS if of_fields else _IMAGE_DEFAULTS
    of_image = {name: _IMAGE_DEFAULTS[name] for name in names}
    images = entries.get("images")
    if isinstance(images, list):
        entries = entries | {"images": [of_image | _dict_or_empty(image) for image in images]}
    return added | entries | {"schema": SCHEMA_VERSION}


def _dict_or_empty(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
