"""Capacity planning: memory, disk and time for larger corpora, and a simulation of shards."""
