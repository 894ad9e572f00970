"""Tests of index/embedding/."""
