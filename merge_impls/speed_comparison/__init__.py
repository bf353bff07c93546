"""Compares the speed of backends on families of graphs, for the command ``merge-impls time``.

``settings`` says what is compared. ``check_and_time_backends`` checks and times the backends. ``growth`` fits
the growth of time with the number of edges. ``table`` formats tables for the terminal, ``plot`` draws the
growth and ``comparison_json`` writes all results to a file.

A backend has times only if its results equal those of the reference, bit for bit.
"""
