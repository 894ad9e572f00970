"""Tests of index/arxiv/withdrawal/."""
