"""Tests of scripts/benchmarks/."""
