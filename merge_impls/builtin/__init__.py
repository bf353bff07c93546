"""The built-in backends: their declarations, which load a backend's module only when it is used."""

from merge_impls.argument_checks import LINKAGES
from merge_impls.backend import Backend

NETWORKX = Backend(
    name="networkx",
    description="the reference: Algorithm 1 on a networkx graph, slow and obvious",
    version="0.1.0",
    function="merge_impls.builtin.networkx_merge:merge",
    requires=("networkx",),
    install="pip install 'merge-impls[networkx]'",
    linkages=LINKAGES,
)

HOW_TO_COMPILE = (
    "in a clone, run `pip install -e .`: there Python finds the clone's merge_impls before an "
    "installed one; or install merge-impls and run from another folder"
)

HEAP = Backend(
    name="heap",
    description="the literal greedy loop with a heap and a hash map in C, one thread",
    version="0.1.0",
    function="merge_impls.builtin.c_calls:merge_heap",
    prepare="merge_impls.builtin.c_calls:prepare",
    requires=("merge_impls._c_merge",),
    install=HOW_TO_COMPILE,
    linkages=LINKAGES,
)

NUMBA = Backend(
    name="numba",
    description=(
        "merges pairs that are each other's best, in any order that the linkage allows; "
        "in Python compiled by numba, one thread"
    ),
    version="0.1.0",
    function="merge_impls.builtin.numba_merge:merge",
    requires=("numba",),
    install="pip install 'merge-impls[numba]'",
    linkages=LINKAGES,
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
    prepare="merge_impls.builtin.c_calls:prepare",
    requires=("merge_impls._c_merge",),
    install=HOW_TO_COMPILE,
    linkages=LINKAGES,
)

BUILT_IN = (NETWORKX, HEAP, NUMBA, C)
"""The backends that ship with merge_impls; its own tests check their results."""
