"""From maps to the graph that is merged: pairs, refinement by the classes, fixed point, mask."""
