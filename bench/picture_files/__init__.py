"""Reads pictures, label maps and masks in common file formats, and lists them in folders."""
