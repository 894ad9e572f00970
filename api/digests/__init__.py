"""Digests as plain text, HTML, mail and Atom."""
