"""Tests of index/catalogue/conversions/."""
