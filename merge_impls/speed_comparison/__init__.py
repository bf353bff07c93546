"""What ``merge-impls time`` does: time backends side by side on seeded fields.

``settings`` say what is compared, ``comparison`` checks and times, ``table`` and ``json_file`` show
the rows. A backend has times only if its results equal the reference's to the bit.
"""
