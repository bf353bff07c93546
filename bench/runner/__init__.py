"""Studies: read from TOML, measured on images or fields, scored, recorded."""
