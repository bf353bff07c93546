"""What a comparison times: backends, families of graphs and their sizes, rounds and limits."""

from dataclasses import dataclass

from merge_impls.fields import FAMILIES, reason_missing
from merge_impls.registry import backends, check_backend_name

REFERENCE = "networkx"
"""The backend with whose results all those on a small graph of each family are compared."""

LARGE_GRAPH_REFERENCE = "heap"
"""The backend with whose results those on large graphs are compared, where ``REFERENCE`` is too slow.
It follows the contract as literally. The tests, and each comparison on a small graph, check that both
agree."""

BASELINE = "heap"
"""The backend by whose times all times are divided, because it follows the contract step by step."""

ALL = "all"
"""The name that stands for all families."""


@dataclass(frozen=True)
class ComparisonSettings:
    """What to compare, on which graphs, within which limits.

    backends: names or "module:object", the baseline among them.
    baseline: the backend by whose times all times are divided.
    families: names of ``fields.FAMILIES``. sizes: about how many edges a graph has, in rising order.
    threads: the most that each backend may use. rounds: merges of each graph by each backend.
    timeout: seconds for one merge, and for starting.
    memory: bytes of data that each process may hold.
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
        """The reference on large graphs: ``REFERENCE`` if it is to be timed anyway."""
        return REFERENCE if REFERENCE in self.backends else LARGE_GRAPH_REFERENCE


def choose_backends(named: list[str], baseline: str) -> tuple[str, ...]:
    """The names of the backends to time, without repetitions.

    named: the backends that the user names; if there are none, all available ones but ``REFERENCE``.
    baseline: comes first if it is not among the others.
    Raises ValueError for a name that is not registered.
    """
    for name in [*named, baseline]:
        if ":" not in name:
            check_backend_name(name)
    available = [name for name, record in backends().items() if record.available]
    names = named or [name for name in available if name != REFERENCE]
    return tuple(dict.fromkeys(names if baseline in names else [baseline, *names]))


def choose_families(named: list[str]) -> tuple[str, ...]:
    """The families to time, each once: those named, for "all" those that can be made here.

    Raises ValueError for a name that is unknown, or whose files are absent.
    """
    chosen: list[str] = []
    for name in named:
        if name == ALL:
            chosen += [each for each in FAMILIES if not reason_missing(each)]
        elif name not in FAMILIES:
            raise ValueError(f"family {name!r} is unknown; known are {ALL}, {', '.join(FAMILIES)}")
        elif reason := reason_missing(name):
            raise ValueError(f"family {name} cannot be made: {reason}")
        else:
            chosen.append(name)
    return tuple(dict.fromkeys(chosen))
