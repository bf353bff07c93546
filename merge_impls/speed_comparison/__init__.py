"""Backends timed against each other on the seeded fields: correct first, then fast."""
