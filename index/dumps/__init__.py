"""Dumps of tags and related lists for other programs: JSON Lines, Parquet, checksums."""
