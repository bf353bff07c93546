"""How the networks learn: crops and targets in, losses down, weights and their metrics out (section 3)."""
