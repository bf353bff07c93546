"""The two networks of the paper (section 3): what they are, what they answer, and how they are trained.

Depends on torch and arrays; knows no data set, no merge and no path of theirs.
"""
