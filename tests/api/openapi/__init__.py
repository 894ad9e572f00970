"""Tests of api/openapi/."""
