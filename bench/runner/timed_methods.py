"""The methods of a study of fields: our backends with some numbers of threads, and third-party methods."""

from dataclasses import dataclass

from bench.methods import THIRD_PARTY
from bench.runner.study import SpeedStudy
from merge_impls import backends


@dataclass(frozen=True)
class TimedMethod:
    """A method with a number of threads, which merges or sorts each field in turns with the other methods.

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
        """The name of its worker, and of its results."""
        return self.backend if self.threads == 1 else f"{self.backend}, {self.threads} threads"


def timed_methods(study: SpeedStudy) -> list[TimedMethod]:
    """The baseline, the backends of a study and its third-party methods, available or not.

    Raises ValueError if the baseline is not available, and for an unknown third-party method.
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
    """A backend with each number of threads that it can use; one entry for an unknown name."""
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
