"""Recipes, training of both networks, and the choice of thresholds."""
