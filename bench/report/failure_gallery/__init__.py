"""The gallery of failures: finds objects that were missed, joined or split, and draws the worst."""
