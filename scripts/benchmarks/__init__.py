"""Benchmarks and capacity planning; run one with `python -m scripts.benchmarks.NAME`."""
