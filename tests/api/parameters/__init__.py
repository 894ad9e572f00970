"""Tests of api/parameters/."""
