"""From a failing problem to the smallest counterexample that still fails."""
