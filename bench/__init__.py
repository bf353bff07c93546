"""The benchmark: it segments data sets, scores the results, and writes tables and pictures.

Run it as ``python -m bench``.
"""
