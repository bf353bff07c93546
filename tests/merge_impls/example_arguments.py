"""Valid arguments of ``MergeProblem.from_grid`` and ``from_edges``; tests replace some of them."""

import numpy as np

GRID = {
    "affinities": np.full((2, 3, 4), 0.5, np.float32),
    "offsets": [(0, 1), (1, -1)],
    "stages": [0, 1],
    "thresholds": [0.9, 0.5],
}
EDGES = {
    "num_vertices": 3,
    "edges": [(0, 1), (2, 1)],
    "affinities": np.array([0.5, 1.0]),
    "stages": [0, 0],
    "thresholds": [0.5],
}
