"""Tests of api/monitoring/."""
