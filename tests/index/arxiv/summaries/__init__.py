"""Tests of index/arxiv/summaries/."""
