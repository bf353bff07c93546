"""Pages of a report: one module builds a Markdown page, one for each kind of report says what is on it."""
