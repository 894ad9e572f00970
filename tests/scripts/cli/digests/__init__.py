"""Tests of scripts/cli/digests/."""
