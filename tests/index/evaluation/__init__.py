"""Tests of index/evaluation/."""
