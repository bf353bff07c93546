"""The two networks of the paper (section 3): what they are, how they learn, what they answer.

Knows torch and arrays; knows no data set and none of their paths.
"""
