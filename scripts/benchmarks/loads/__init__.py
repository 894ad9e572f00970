"""Benchmarks of first loads."""
