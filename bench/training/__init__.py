"""Training of both networks by a recipe, and the choice of the thresholds of the merge."""
