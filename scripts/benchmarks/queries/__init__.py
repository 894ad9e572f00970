"""Benchmarks of search queries."""
