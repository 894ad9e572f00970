"""Tests of api/pages/."""
