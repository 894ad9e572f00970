"""Tests of api/agents/."""
