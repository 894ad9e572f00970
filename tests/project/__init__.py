"""Tests of the repository: import rules, docs, units, image."""
