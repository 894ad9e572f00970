"""A replay server for arXiv's OAI-PMH and query API, and its tests."""
