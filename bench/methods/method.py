"""What a study can run: a method that merges problems, or that finds instances in an image."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from bench.types import Instance, Sample
from merge_impls import Backend
from merge_impls.registry import BackendRecord

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

CONTRACT = "what the contract says"
"""What a backend of ``merge_impls`` computes."""

InstanceFinder = Callable[["Pipeline", Sample], list[Instance]]
"""From a pipeline and an annotated image to the instances that a method finds in it."""


@dataclass(frozen=True)
class Method:
    """A method of a study, by the name that studies, records and tables give it.

    computes: one line.
    linkages: those that it merges with; none if it does not merge a graph as backends do.
    reason: why it cannot run here, and how to get it; "" if it can.
    target: what a worker loads to merge problems; "" if it does not merge problems one by one.
    find: its function of an image; None if it merges problems.
    threads: how many it is given; most_threads: how many it can use, None for any number.
    """

    name: str
    version: str
    computes: str
    linkages: tuple[str, ...] = ()
    reason: str = ""
    target: str = ""
    find: InstanceFinder | None = None
    threads: int = 1
    most_threads: int | None = 1

    @classmethod
    def from_backend_record(cls, record: BackendRecord) -> Self:
        """A backend or plug-in of ``merge_impls``, which computes what the contract says."""
        return cls(
            name=record.name,
            version=record.version,
            computes=CONTRACT,
            linkages=record.linkages,
            reason="" if record.available else record.reason,
            target=record.name,
            most_threads=record.threads or None,
        )

    @classmethod
    def from_third_party(cls, declared: Backend, target: str) -> Self:
        """Another program's merge, which computes what its declaration says."""
        return cls(
            name=declared.name,
            version=declared.version,
            computes=declared.description,
            linkages=declared.linkages,
            reason=declared.missing(),
            target=target,
            most_threads=declared.threads,
        )

    @property
    def exact_linkages(self) -> tuple[str, ...]:
        """The linkages for which its results are those of the contract, bit for bit."""
        return self.linkages if self.computes == CONTRACT else ()

    @property
    def other_rule(self) -> str:
        """What it computes if that is not what the contract says, else ""."""
        return "" if self.computes == CONTRACT else self.computes

    @property
    def label(self) -> str:
        """Its name, with the number of threads if it is given several."""
        return self.name if self.threads == 1 else f"{self.name}, {self.threads} threads"

    def with_threads(self, threads: int) -> Self:
        """The method with a number of threads."""
        return replace(self, threads=threads)

    def can_use_threads(self, threads: int) -> bool:
        """Whether the method can run with this number of threads."""
        return self.most_threads is None or threads <= self.most_threads
