"""Conversions of stored rows that migrations of the schema call."""
