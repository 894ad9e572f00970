"""Tests of index/arxiv/tex/."""
