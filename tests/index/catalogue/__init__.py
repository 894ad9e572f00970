"""Tests of index/catalogue/."""
