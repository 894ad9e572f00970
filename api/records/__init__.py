"""JSON records of papers."""
