"""What the commands of ``python -m bench`` do."""
