"""Pictures of a report: panels painted over images."""
