"""Benchmarks. Run one with `python -m scripts.benchmarks.NAME`."""
