"""Embed pending papers, in this process or on a Ray cluster."""
