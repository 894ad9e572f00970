"""Tests of index/health/."""
