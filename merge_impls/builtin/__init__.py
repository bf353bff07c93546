"""The declarations of the built-in backends, whose modules are imported only when they are used."""

import os

from merge_impls.argument_checks import PAPERS_LINKAGES
from merge_impls.backend import Backend

FOUR_LINKAGES = (*PAPERS_LINKAGES, "single", "complete")
"""What every built-in backend computes. A further linkage is declared by each backend that computes it."""

NETWORKX = Backend(
    name="networkx",
    description="the reference: Algorithm 1 on a networkx graph, simple and slow",
    version="0.1.0",
    function="merge_impls.builtin.networkx_merge:merge",
    requires=("networkx",),
    install="pip install 'merge-impls[networkx]'",
    linkages=FOUR_LINKAGES,
    counts=True,
)

HOW_TO_COMPILE = (
    "in a clone, run `pip install -e .`, because Python imports merge_impls from the clone even if "
    "merge-impls is installed elsewhere; or run from another folder"
)
"""What to do if the compiled module ``merge_impls._c_merge`` is missing."""

HEAP = Backend(
    name="heap",
    description="Algorithm 1 with a heap and a hash map, in C, one thread",
    version="0.1.0",
    function="merge_impls.builtin.c_calls:merge_heap",
    prepare="merge_impls.builtin.c_calls:prepare_for_c",
    requires=("merge_impls._c_merge",),
    install=HOW_TO_COMPILE,
    linkages=FOUR_LINKAGES,
    counts=True,
)

JIT_IS_DISABLED = "numba compiles nothing, because NUMBA_DISABLE_JIT is set; unset this variable"
"""Why the backend ``numba`` cannot run if numba's compiler is switched off, and what to do."""


class _BackendCompiledByNumba(Backend):
    """The declaration of a backend that needs numba's compiler."""

    def missing(self) -> str:
        """Why the backend cannot run: a module is missing, or numba's compiler is switched off."""
        return super().missing() or (JIT_IS_DISABLED if _is_jit_disabled() else "")


def _is_jit_disabled() -> bool:
    """Whether the environment switches numba's compiler off. As in numba, only a number does."""
    try:
        return int(os.environ.get("NUMBA_DISABLE_JIT", "0")) != 0
    except ValueError:
        return False


NUMBA = _BackendCompiledByNumba(
    name="numba",
    description=(
        "merges pairs that are each other's best, in any order that the linkage allows; "
        "in Python compiled by numba, one thread"
    ),
    version="0.1.0",
    function="merge_impls.builtin.numba_merge:merge",
    requires=("numba",),
    install="pip install 'merge-impls[numba]'",
    linkages=FOUR_LINKAGES,
    counts=True,
)

C = Backend(
    name="c",
    description=(
        "merges pairs that are each other's best, in any order that the linkage allows; "
        "in C, any number of threads"
    ),
    version="0.1.0",
    function="merge_impls.builtin.c_calls:merge_fast",
    threads=None,
    prepare="merge_impls.builtin.c_calls:prepare_for_c",
    requires=("merge_impls._c_merge",),
    install=HOW_TO_COMPILE,
    linkages=FOUR_LINKAGES,
    counts=True,
)

BUILT_IN = (NETWORKX, HEAP, NUMBA, C)
"""The backends that are part of merge_impls. By default, ``merge`` does not verify their results."""
