"""The two networks of the paper (section 3): their architecture, inference and training.

The semantic network predicts the class of each pixel; the affinity network predicts, for a pixel and each of
its neighbours, whether both are in the same instance. The package imports neither ``bench`` nor
``merge_impls``.
"""
