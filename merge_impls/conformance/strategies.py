"""Random problems as hypothesis strategies, for ``@given`` tests outside the kit as well."""

from merge_impls.conformance.generate.random_problems import problems

__all__ = ["problems"]
