"""Measure rankings with expert judgements and reading lists."""
