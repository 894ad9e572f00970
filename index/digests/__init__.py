"""Digests: the new papers that are near to what a person follows."""
