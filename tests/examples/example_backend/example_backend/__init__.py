"""A plug-in of merge-impls: its declarations. The merge itself is imported only when used."""

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
    description="the least that a backend can be: labels only, grids and one linkage only",
    version="0.1.0",
    function="example_backend.merge:merge_to_labels",
    linkages=("average",),
    dimensions=(2, 3),
)
