"""What ``merge-impls time`` does: time backends side by side on seeded synthetic street problems.

``settings`` say what to compare, ``compared_backends`` checks and times, ``table`` prints the rows and
``json_file`` writes them. A backend has times only if its results equal the reference's to the bit.
"""
