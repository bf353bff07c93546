"""Make a problem that fails a check as small as possible, so that it can be merged by hand."""
