"""Random problems for your own ``@given`` tests: ``from merge_impls.conformance.strategies import problems``.

This is the public import path; the code is in ``generate.random_problems``.
"""

from merge_impls.conformance.generate.random_problems import problems

__all__ = ["problems"]
