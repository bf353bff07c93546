"""results/SCHEMA.md describes each entry of results/record.schema.json, in the same words."""

import json
import re
from collections.abc import Iterator

from bench.runner.record_schema import SCHEMA_FILE

PAGE = SCHEMA_FILE.with_name("SCHEMA.md")


def described(entries, name="") -> Iterator[tuple[str, str]]:
    """The name and the description of each entry of a JSON schema, those of nested objects included."""
    for key, entry in entries.get("properties", {}).items():
        yield f"{name}{key}", entry.get("description", "")
        yield from described(entry, f"{name}{key}.")
        yield from described(entry.get("items", {}), f"{name}{key}[].")


def test_the_page_has_each_entry_of_the_schema_in_the_same_words():
    of_schema = list(described(json.loads(SCHEMA_FILE.read_text())))
    assert all(words for _, words in of_schema), "every entry of the schema needs a description"
    _, _, section = PAGE.read_text().partition("\n## Entries\n")
    of_page = re.findall(r"^\| `(\S+)` \| (.*) \|$", section, re.MULTILINE)
    missing = [
        f"| `{name}` | {words} |" for name, words in of_schema if (name, words) not in of_page
    ]
    assert not missing, "add to results/SCHEMA.md:\n" + "\n".join(missing)
    assert of_page == of_schema
