"""Embedding models: find one, choose a backend and a precision, and turn texts into vectors."""
