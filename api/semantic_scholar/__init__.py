"""Routes and records in the form of Semantic Scholar's API."""
