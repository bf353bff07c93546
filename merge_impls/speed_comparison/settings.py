"""What a comparison times: backends, synthetic street problems (fields), rounds and limits."""

from dataclasses import dataclass

from merge_impls.registry import backends, check_backend_name

REFERENCE = "networkx"
"""The backend with whose results all those on a small field are compared."""

LARGE_FIELD_REFERENCE = "heap"
"""The backend with whose results those on the whole field are compared, where ``REFERENCE`` is too slow.
It follows the contract as literally. The tests, and each comparison on a small field, check that both
agree."""

BASELINE = "heap"
"""The backend by whose times all times are divided, because it follows the contract step by step."""


@dataclass(frozen=True)
class ComparisonSettings:
    """What to compare, on which fields, within which limits.

    backends: names or "module:object", the baseline among them.
    baseline: the backend by whose times all times are divided.
    shape: height and width of the fields in pixels. threads: the most that each backend may use.
    rounds: merges of each field by each backend. timeout: seconds for one merge, and for starting.
    memory: bytes of data that each process may hold.
    """

    backends: tuple[str, ...]
    baseline: str
    shape: tuple[int, int]
    noises: tuple[str, ...]
    linkages: tuple[str, ...]
    threads: int
    rounds: int
    timeout: float
    memory: int

    @property
    def large_field_reference(self) -> str:
        """The reference on the whole field: ``REFERENCE`` if it is to be timed anyway."""
        return REFERENCE if REFERENCE in self.backends else LARGE_FIELD_REFERENCE


def choose_backends(named: list[str], baseline: str) -> tuple[str, ...]:
    """The backends to time, each once: those named, or all available ones without ``REFERENCE``; the
    baseline first if it is not among them.

    Raises ValueError for a name that is not registered.
    """
    for name in [*named, baseline]:
        if ":" not in name:
            check_backend_name(name)
    available = [name for name, record in backends().items() if record.available]
    names = named or [name for name in available if name != REFERENCE]
    return tuple(dict.fromkeys(names if baseline in names else [baseline, *names]))
