"""The full text of titles and authors alone."""
