"""Segmentation failures: objects that were missed, joined or split, and the picture that shows the worst."""
