"""Measurements of what is read from the metadata of papers."""
