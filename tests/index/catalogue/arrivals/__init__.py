"""Tests of index/catalogue/arrivals/."""
