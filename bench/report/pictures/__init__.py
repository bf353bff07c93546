"""The pictures of a report: images, and what was predicted or annotated, painted over them."""
