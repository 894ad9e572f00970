"""Tests of api/rendering/."""
