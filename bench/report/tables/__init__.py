"""The tables of a report: pandas frames that are made from records, and written as CSV and Markdown."""
