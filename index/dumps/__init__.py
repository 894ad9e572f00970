"""Dumps of tags and related lists for reuse: JSON Lines, Parquet, checksums."""
