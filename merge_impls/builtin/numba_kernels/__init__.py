"""What numba compiles for the backend ``numba``: the algorithm of c_merge/fast/DESIGN.md, in its words.

Start with ``layouts``, then ``loop`` and ``contract_edge``.
"""
