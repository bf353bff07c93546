"""The class ``Method``: something that a study can run on merge problems or on images."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from bench.types import Instance, Sample
from merge_impls import Backend
from merge_impls.registry import BackendRecord

if TYPE_CHECKING:
    from bench.pipeline.segment import Pipeline

CONTRACT = "what the contract says"
"""The value of ``Method.computes`` for a backend of ``merge_impls``, which follows ``CONTRACT.md``."""

InstanceFinder = Callable[["Pipeline", Sample], list[Instance]]
"""A function find_instances(pipeline, annotated_image) that returns instances."""


LABEL_SIGN = "="
"""Stands between the label and the place of a backend that has a label: "new=module:object"."""


def shown_name(name: str) -> str:
    """The name of a method in tables: its label if it has one, otherwise its name."""
    return name.partition(LABEL_SIGN)[0]


def shown_reason(reason: str) -> str:
    """A reason why a method has no results, without "backend MODULE:NAME", beside the name of the method."""
    return re.sub(r"\bbackend [^ :]+:[^ :]+: ", "", reason)


VERSION_SIGN = "@"
"""Stands between the name of a method and the label of its version in tables: "mine@3fa2b1c"."""


def unversioned_name(name: str) -> str:
    """The name of a method in tables, without the label of its version."""
    return name.partition(VERSION_SIGN)[0]


@dataclass(frozen=True)
class Method:
    """A method that a study can compare: it merges problems, or it finds instances in images.

    name: the name of the method in studies, records and tables.
    computes: what the method computes without a linkage or with an approximate one, in one line.
    linkages: the linkages with which it can merge; empty if it has no linkage.
    approximate: those of ``linkages`` with which its results may differ from the contract.
    reason: why the method cannot run here, and how to install it; "" if it can run.
    target: for a method that merges problems, the name that a worker process loads; else "".
    find_instances: for a method of images, the function that finds instances; else None.
    threads: the number of threads that it is run with.
    most_threads: the greatest number of threads that it can use; None: any number.
    """

    name: str
    version: str
    computes: str
    linkages: tuple[str, ...] = ()
    approximate: tuple[str, ...] = ()
    reason: str = ""
    target: str = ""
    find_instances: InstanceFinder | None = None
    threads: int = 1
    most_threads: int | None = 1

    @classmethod
    def from_backend_record(cls, record: BackendRecord) -> Self:
        """The method of a built-in backend or plug-in of ``merge_impls``."""
        return cls(
            name=record.name,
            version=record.version,
            computes=record.description if record.approximate else CONTRACT,
            linkages=record.linkages,
            approximate=record.approximate,
            reason="" if record.available else record.reason,
            target=record.name,
            most_threads=record.threads or None,
        )

    @classmethod
    def from_third_party(cls, declared: Backend, target: str) -> Self:
        """The method of another program, which is declared as a ``Backend`` in this folder."""
        return cls(
            name=declared.name,
            version=declared.version,
            computes=declared.description,
            linkages=declared.linkages,
            approximate=declared.approximate,
            reason=declared.missing(),
            target=target,
            most_threads=declared.threads,
        )

    @property
    def exact_linkages(self) -> tuple[str, ...]:
        """The linkages with which its results must equal the reference bit for bit."""
        return tuple(each for each in self.linkages if each not in self.approximate)

    def rule_outside_contract(self, linkage: str | None) -> str:
        """What the method computes with a linkage, if results may differ from the contract's; else ""."""
        is_exact = linkage in self.exact_linkages or self.computes == CONTRACT
        return "" if is_exact else self.computes

    @property
    def label(self) -> str:
        """The name, followed by the number of threads if it is more than 1."""
        return self.name if self.threads == 1 else f"{self.name}, {self.threads} threads"

    def with_threads(self, threads: int) -> Self:
        """The same method with another number of threads."""
        return replace(self, threads=threads)

    def can_use_threads(self, threads: int) -> bool:
        """Whether the method can run with this number of threads."""
        return self.most_threads is None or threads <= self.most_threads
