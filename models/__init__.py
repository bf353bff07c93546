"""The two networks of the paper (section 3): their architecture, their inference and their training.

The package depends on torch and numpy and imports neither ``bench`` nor ``merge_impls``.
"""
