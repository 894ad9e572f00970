"""Tests of ingest/oai/."""
