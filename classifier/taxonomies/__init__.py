"""Taxonomies: the bundled files, the user's own, and SKOS export."""
