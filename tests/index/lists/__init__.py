"""Tests of index/lists/."""
