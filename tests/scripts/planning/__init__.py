"""Tests of scripts/planning/."""
