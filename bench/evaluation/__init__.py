"""Predicted instances in, the official Cityscapes average precision out."""
