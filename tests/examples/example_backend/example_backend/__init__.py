"""An example plug-in of merge-impls, to copy. This file declares its backends.

The module with the merge is imported only when a backend is used.
"""

from merge_impls import Backend

EXAMPLE = Backend(
    name="example",
    description="Algorithm 1 on a dict of dicts, in plain Python",
    version="0.1.0",
    function="example_backend.merge:merge",
    linkages=("average", "weighted", "single", "complete"),
)

LABELS = Backend(
    name="example-labels",
    description="a minimal backend: it returns only labels, of grids, with one linkage",
    version="0.1.0",
    function="example_backend.merge:merge_to_labels",
    linkages=("average",),
    dimensions=(2, 3),
)
