"""Freshness, status and doctor: what the data folder holds and what is wrong with it."""
