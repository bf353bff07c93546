"""The settings of a comparison: which backends are timed, on which graphs, and with which limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from merge_impls.fields import FAMILIES, reason_family_is_missing
from merge_impls.registry import backends, check_backend_name

REFERENCE = "networkx"
"""The reference on small graphs: all results on a small graph of each family must equal its result."""

LARGE_GRAPH_REFERENCE = "heap"
"""The reference on large graphs, for which ``REFERENCE`` is too slow.

It also follows the contract step by step. The tests, and each comparison on a small graph, check that both
references agree.
"""

BASELINE = "heap"
"""The default baseline: the times of all backends are divided by the times of this backend."""

ALL_FAMILIES = "all"
"""The value of ``--family`` that stands for all families."""


@dataclass(frozen=True)
class ComparisonSettings:
    """Which backends are compared on which graphs, and with which limits.

    backends: names or "module:object"; they include the baseline.
    baseline: all times are divided by the times of this backend.
    families: names in ``fields.FAMILIES``. sizes: approximate numbers of edges, in rising order.
    threads: the most threads of a backend. rounds: how often each backend merges each graph.
    timeout: the limit in seconds for one merge, and for the start of a process.
    memory: the limit in bytes for the data of each process.
    """

    backends: tuple[str, ...]
    baseline: str
    families: tuple[str, ...]
    sizes: tuple[int, ...]
    linkages: tuple[str, ...]
    threads: int
    rounds: int
    timeout: float
    memory: int

    @property
    def large_graph_reference(self) -> str:
        """The reference on large graphs. It is ``REFERENCE`` if that is one of the timed backends."""
        return REFERENCE if REFERENCE in self.backends else LARGE_GRAPH_REFERENCE


def choose_backends(named: list[str], baseline: str) -> tuple[str, ...]:
    """The names of the backends to time, each once.

    named: the names that the user gave; [] stands for all available backends except ``REFERENCE``.
    baseline: it is put first if it is not one of the other names.
    Raises ValueError for a name that is not registered.
    """
    for name in [*named, baseline]:
        if ":" not in name:
            check_backend_name(name)
    available = [name for name, record in backends().items() if record.available]
    names = named or [name for name in available if name != REFERENCE]
    return tuple(dict.fromkeys(names if baseline in names else [baseline, *names]))


def choose_families(named: Sequence[str]) -> tuple[str, ...]:
    """The names of the families to time, each once.

    named: the names that the user gave. "all" stands for all families whose files are not absent.
    Raises ValueError for an unknown name, or for the name of a family whose files are absent.
    """
    chosen: list[str] = []
    for name in named:
        if name == ALL_FAMILIES:
            chosen += [each for each in FAMILIES if not reason_family_is_missing(each)]
        elif name not in FAMILIES:
            raise ValueError(
                f"family {name!r} is unknown; known are {ALL_FAMILIES}, {', '.join(FAMILIES)}"
            )
        elif reason := reason_family_is_missing(name):
            raise ValueError(f"family {name} cannot be made: {reason}")
        else:
            chosen.append(name)
    return tuple(dict.fromkeys(chosen))
