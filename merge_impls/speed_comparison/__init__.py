"""The comparison of ``merge-impls time``: backends timed side by side on synthetic street problems.

``settings`` holds what to compare, ``compared_backends`` checks and times the backends, ``table`` makes
a table of the rows and ``json_file`` writes them to a file. A backend has times only if its results equal
the reference's to the bit.
"""
