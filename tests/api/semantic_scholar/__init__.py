"""Tests of api/semantic_scholar/."""
