"""Tests of index/search/words/."""
