"""Hostile papers, addresses and clients."""
