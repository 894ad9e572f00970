"""Tests of index/queries/."""
