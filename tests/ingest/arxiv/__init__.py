"""Tests of ingest/arxiv/."""
