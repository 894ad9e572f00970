"""Tests of index/search/."""
