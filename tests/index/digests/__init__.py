"""Tests of index/digests/."""
