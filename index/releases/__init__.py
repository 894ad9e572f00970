"""Releases: immutable builds of the search index."""
