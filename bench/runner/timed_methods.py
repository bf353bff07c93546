"""The methods of a study of fields: our backends with some numbers of threads, and third-party methods."""

from dataclasses import dataclass

from bench.methods import THIRD_PARTY
from bench.runner.study import SpeedStudy
from merge_impls import backends


@dataclass(frozen=True)
class TimedMethod:
    """One that merges, or sorts, in turns with the others.

    backend: its name in records and tables. target: what a worker loads. computes: what it computes if that
    is not what the contract says, else "". reason: why it cannot run here, "" if it can.
    """

    backend: str
    target: str
    threads: int
    linkages: tuple[str, ...]
    version: str
    computes: str = ""
    reason: str = ""

    @property
    def name(self) -> str:
        """What it is called among the others of its kind."""
        return self.backend if self.threads == 1 else f"{self.backend}, {self.threads} threads"


def timed_methods(study: SpeedStudy) -> list[TimedMethod]:
    """The baseline, the backends of a study and its third-party methods, whether they can run here or not.

    Raises ValueError if the baseline cannot, and for a third-party method that is none.
    """
    baseline, *_ = _of_backend(study.baseline, [1])
    if baseline.reason:
        raise ValueError(
            f"study {study.name} compares all with {study.baseline}, which is not available: "
            f"{baseline.reason}"
        )
    ours = [each for name in study.backends for each in _of_backend(name, study.threads)]
    return [baseline, *ours, *map(_third_party_method, study.third_party)]


def _of_backend(name: str, threads: tuple[int, ...] | list[int]) -> list[TimedMethod]:
    """A backend at each number of threads that it can use; once, if there is none of that name."""
    known = backends()
    if name not in known:
        return [
            TimedMethod(name, name, 1, (), "", "", f"no backend of that name: {', '.join(known)}")
        ]
    record = known[name]
    reason = "" if record.available else record.reason
    return [
        TimedMethod(name, name, count, record.linkages, record.version, "", reason)
        for count in threads
        if count <= (record.threads or count)
    ]


def _third_party_method(name: str) -> TimedMethod:
    if name not in THIRD_PARTY:
        raise ValueError(f"no third-party method {name!r}: there are {', '.join(THIRD_PARTY)}")
    target, method = THIRD_PARTY[name]
    return TimedMethod(
        name, target, 1, method.linkages, method.version, method.description, method.missing()
    )
