"""Tests of api/formats/."""
