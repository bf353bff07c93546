"""Tables of a report: pandas frames made from records, and the two forms they are written in."""
