"""Explain why a result is wrong: the first merge or segment that differs, and the rule of the contract."""
