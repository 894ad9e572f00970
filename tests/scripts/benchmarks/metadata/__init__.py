"""Tests of scripts/benchmarks/metadata/."""
