"""Tests of ingest/snapshot/."""
