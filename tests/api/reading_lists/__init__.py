"""Tests of api/reading_lists/."""
