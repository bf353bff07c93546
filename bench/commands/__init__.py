"""The commands of ``python -m bench``: one file a command, with its options and what it does."""
