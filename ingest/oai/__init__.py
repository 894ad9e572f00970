"""Harvest arXiv's OAI-PMH server."""
