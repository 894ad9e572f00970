"""Ingest papers from arXiv and snapshots, update what is pending, and run nightly."""
