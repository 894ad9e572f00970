"""Tests of index/arxiv/."""
