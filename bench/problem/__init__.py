"""From maps to the graph that is merged: refinement by the classes, fixed point, mask."""
