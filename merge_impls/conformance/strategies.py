"""The public import path of ``problems``, a hypothesis strategy that draws random merge problems.

Use it in your own tests: ``@given(problems())``. The code is in ``generate.random_problems``.
"""

from merge_impls.conformance.generate.random_problems import problems

__all__ = ["problems"]
