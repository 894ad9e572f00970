"""Freshness, status and doctor: the contents of a data folder and what is wrong with it."""
