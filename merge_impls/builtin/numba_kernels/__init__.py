"""What numba compiles for the backend ``numba``.

Every file here holds all the compiled functions that its entry points call, because numba's cache
does not notice a change in another file; only the layouts of arrays are shared, and they are part of
a function's signature, by which the cache finds it. Entry points have explicit signatures, so they
are compiled, or read from the cache, when they are imported, and never for other types.
"""
