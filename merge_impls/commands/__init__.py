"""The commands of ``merge-impls``, one module each: ``add`` declares it, ``run`` does it."""
