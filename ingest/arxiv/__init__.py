"""Requests to arXiv: session, rate limiting, query API, gap filling."""
