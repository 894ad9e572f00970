"""Tests of api/middleware/."""
