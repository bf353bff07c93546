"""Why a result is wrong: the first merge or segment that differs, and the rule that decides."""
