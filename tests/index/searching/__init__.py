"""Tests of index/searching/."""
