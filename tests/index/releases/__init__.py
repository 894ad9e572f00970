"""Tests of index/releases/."""
