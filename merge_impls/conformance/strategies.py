"""The public import path of the hypothesis strategy for random problems, for ``@given`` tests."""

from merge_impls.conformance.generate.random_problems import problems

__all__ = ["problems"]
