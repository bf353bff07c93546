"""A study measured: units (an image and a linkage), cells (a backend and a linkage), records."""
