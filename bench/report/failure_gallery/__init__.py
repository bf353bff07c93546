"""The failure gallery: a picture of the worst objects that were missed, joined or split."""
