"""The commands of ``merge-impls``, one module each: ``add`` declares the options, ``run`` the work.

What they share is in ``arguments`` (values as typed) and ``exit_codes``.
"""
