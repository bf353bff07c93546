"""The comparison of ``merge-impls time``: backends timed side by side on families of seeded graphs.

``settings`` holds what to compare, ``compared_backends`` checks and times the backends, ``growth`` fits
how time grows with the number of edges, ``table`` makes tables of both, ``plot`` draws them and
``json_file`` writes them to a file. A backend has times only if its results equal the reference's to the bit.
"""
