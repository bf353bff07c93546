"""Training of both networks by a recipe, and the choice of the settings of the graph merge."""
