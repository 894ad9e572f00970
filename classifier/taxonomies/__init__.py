"""Taxonomies: the shipped files, the user's own, and SKOS export."""
