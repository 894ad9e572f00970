"""Outlines of papers: their sentences and the words in them, prepared for reasons."""
