"""Methods that turn a graph, or an image, into labels; ``all_methods`` finds them.

A file here declares each method as a ``Backend``, which a worker loads and merges problems with, or as a
``Method``, which finds instances in an annotated image. Nothing else has to be touched to add one.
"""
