"""All methods that a study can compare; ``all_methods`` finds them.

Each file declares methods as variables: a ``Backend`` merges the graph of a problem, and a ``Method`` finds
the instances in an image. To add a method, add a file with such a variable; no other file needs a change.
"""
