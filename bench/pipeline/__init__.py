"""The road of one image, section 3 and 4 of the paper: regions, networks, refinement, graph, instances."""
