"""Tests of index/bibliography/."""
