"""What numba compiles for the backend ``numba``; ``layouts`` is where to begin."""
