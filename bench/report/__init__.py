"""Reports of records: tables, figures, pictures, and the Markdown pages that show them."""
