"""Embedding models: which one, on what hardware, and how texts become vectors."""
