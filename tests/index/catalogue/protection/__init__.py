"""Tests of index/catalogue/protection/."""
