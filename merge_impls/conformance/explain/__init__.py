"""Explain why a result is wrong: find the first merge or segment that differs, and the rule that decides."""
