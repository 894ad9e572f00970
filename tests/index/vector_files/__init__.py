"""Tests of index/dumps/."""
