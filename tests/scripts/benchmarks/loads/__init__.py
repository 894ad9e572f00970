"""Tests of scripts/benchmarks/loads/."""
