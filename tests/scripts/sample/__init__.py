"""Tests of scripts/sample/."""
