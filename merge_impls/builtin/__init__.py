"""The declarations of the built-in backends, whose modules are imported only when they are used."""

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
