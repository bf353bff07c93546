"""The code of the methods of a study: digests that are part of the keys of its results.

The code of the built-in backends, and of this package, is in the keys as digests of all their files. Plug-ins
and the libraries of third-party methods are identified by their versions and by the digests made here.
"""

from collections.abc import Iterable
from uuid import uuid4

from tqdm import tqdm

from bench.digests import PACKAGES
from bench.methods.all_methods import Method
from bench.runner.study import Study
from merge_impls.builtin import BUILT_IN
from merge_impls.isolation import BackendFailed, CodeDigest, Worker


class MethodCode:
    """The digests of the code of some methods, each made in a process of its own after a first merge.

    A method whose code cannot be identified is named in a message. It never has the key of an earlier run.
    This also holds for a method that loads further files of code in a later merge, once this was found.

    timeout: seconds for the start of each process, and for its first merge.
    """

    def __init__(self, methods: Iterable[Method], timeout: float = 600) -> None:
        self._digests: dict[str, CodeDigest] = {}
        self._unknown = uuid4().hex
        for method in methods:
            if method.name not in self._digests and _has_code_outside(method):
                self._digests[method.name] = _digest_code(method, timeout)

    def sha256(self, name: str) -> str:
        """The digest of a method's code; "" if there is none."""
        return self._digests[name].sha256 if name in self._digests else ""

    def identity(self, method: Method) -> str:
        """What identifies a method in keys: its version and, unless it is built in, its code."""
        if method.name not in self._digests:
            return method.version
        return f"{method.version}, code {self.sha256(method.name) or self._unknown}"

    def report_late_files(self, late_files: Iterable[tuple[str, str]]) -> None:
        """Drop the digest of each method that has loaded a file of code since then, with a message.

        late_files: names of methods, each with the ``Worker.late_file`` of a process that has merged.
        """
        for name, late_file in late_files:
            if late_file and self.sha256(name):
                reason = f"only some merges load {late_file}; import it with the backend"
                self._digests[name] = CodeDigest("", reason)
                tqdm.write(f"{name} is measured in each run: {reason}")


def measuring_worker(
    method: Method, code: MethodCode, core: int | None, study: Study, label: str = ""
) -> Worker:
    """A worker that merges with a method, within the limits of a study.

    core: where a method of one thread runs; None: on any core.
    label: the name of the worker; "" for the label of the method.
    Its process does not start if the method's code is not that of ``code``.
    """
    return Worker(
        method.target,
        method.threads,
        core,
        timeout=study.timeout,
        memory=None if study.memory is None else round(study.memory * 1e9),
        name=label or method.label,
        code=code.sha256(method.name),
        code_apart=PACKAGES,
    )


def _has_code_outside(method: Method) -> bool:
    """Whether the method can run here, in a process, and is not one of the built-in backends."""
    return bool(method.target) and not method.reason and method.target not in _BUILT_IN_NAMES


_BUILT_IN_NAMES = {backend.name for backend in BUILT_IN}


def _digest_code(method: Method, timeout: float) -> CodeDigest:
    try:
        with Worker(method.target, start_timeout=timeout, code_apart=PACKAGES) as worker:
            digest = worker.digest_code()
    except BackendFailed as failure:  # the measurement reports it
        return CodeDigest("", str(failure))
    if digest.reason:
        tqdm.write(f"{method.name} is measured in each run: {digest.reason}")
    return digest
