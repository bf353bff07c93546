"""Figures of a report: plots, drawn with matplotlib."""
