"""What is to be timed."""

from dataclasses import dataclass

from merge_impls.registry import backends, check_backend_name

REFERENCE = "networkx"
"""What every other is held against, on a field small enough for it."""

LARGE_FIELD_REFERENCE = "heap"
"""What every other is held against where the reference is too slow: it is as literal, agrees with the
reference in the tests of this version, and has to on the small field, too."""

BASELINE = "heap"
"""What times are divided by, because it does what the contract says step by step."""


@dataclass(frozen=True)
class ComparisonSettings:
    """backends: names or "module:object"; the baseline is one of them. shape: of the fields.
    timeout: seconds for any one call. memory: bytes of data each process may hold."""

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
        """Who is believed on the whole field: the reference, if it is to merge that as well."""
        return REFERENCE if REFERENCE in self.backends else LARGE_FIELD_REFERENCE


def choose_backends(named: list[str], baseline: str) -> tuple[str, ...]:
    """The backends to time, each once: those named, else all that are available but the reference;
    the baseline in any case.

    Raises ValueError for a name that is not registered.
    """
    for name in [*named, baseline]:
        if ":" not in name:
            check_backend_name(name)
    available = [name for name, record in backends().items() if record.available]
    names = named or [name for name in available if name != REFERENCE]
    return tuple(dict.fromkeys(names if baseline in names else [baseline, *names]))
