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

COMPILE = (
    "compile it in the clone with `pip install -e .` (its folder hides an installed merge_impls), "
    "or install merge-impls and work elsewhere"
)

HEAP = Backend(
    name="heap",
    description="the literal greedy loop with a heap and a hash map in C, one thread",
    version="0.1.0",
    function="merge_impls.builtin.c_calls:merge_heap",
    prepare="merge_impls.builtin.c_calls:prepare",
    requires=("merge_impls._c_merge",),
    install=COMPILE,
    linkages=LINKAGES,
)

NUMBA = Backend(
    name="numba",
    description="mutually best pairs in any order, in Python compiled by numba, one thread",
    version="0.1.0",
    function="merge_impls.builtin.numba_merge:merge",
    requires=("numba",),
    install="pip install 'merge-impls[numba]'",
    linkages=LINKAGES,
)

C = Backend(
    name="c",
    description="no heap: mutually best pairs in any order, in C, any number of threads",
    version="0.1.0",
    function="merge_impls.builtin.c_calls:merge_fast",
    threads=None,
    prepare="merge_impls.builtin.c_calls:prepare",
    requires=("merge_impls._c_merge",),
    install=COMPILE,
    linkages=LINKAGES,
)

BUILT_IN = (NETWORKX, HEAP, NUMBA, C)
"""The backends of this distribution, whose results its own tests check."""
