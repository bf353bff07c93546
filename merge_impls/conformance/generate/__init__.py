"""Generate problems for the checks: small random problems, drawn with hypothesis, and large problems."""
