"""Generate problems for the checks: small random ones drawn by hypothesis, and large ones."""
