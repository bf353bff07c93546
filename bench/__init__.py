"""The composition root: data sets in, tables and pictures out. Run it as ``python -m bench``."""
