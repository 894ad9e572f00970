"""Measurements of storing and exchanging vectors."""
