"""The commands of ``python -m bench``. Each command has a file, with its options and its code."""
