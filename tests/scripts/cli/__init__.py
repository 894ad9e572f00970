"""Tests of scripts/cli/."""
