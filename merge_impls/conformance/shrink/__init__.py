"""Shrink a failing problem to the smallest problem found that still fails."""
