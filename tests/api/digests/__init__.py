"""Tests of api/digests/."""
