"""Tests of index/releases/milvus/."""
