"""The libraries of the extra ``report``, and the refusal of a format whose libraries are not installed."""

from importlib.util import find_spec

LIBRARIES_OF_FORMAT = {
    "html": ("jinja2", "markdown_it", "itables"),
    "parquet": ("pyarrow",),
    "latex": ("jinja2",),
}
"""The modules that a format needs beyond those of the extra ``bench``."""


def check_format_libraries(name: str) -> None:
    """Raise ModuleNotFoundError if a library of the format ``name`` is not installed."""
    absent = [each for each in LIBRARIES_OF_FORMAT.get(name, ()) if find_spec(each) is None]
    if absent:
        raise ModuleNotFoundError(
            f"the format {name} needs {', '.join(absent)}; install the extra: pip install '.[report]'"
        )
