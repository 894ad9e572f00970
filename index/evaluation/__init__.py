"""Measure rankings on judged papers and reading lists."""
