"""Train a tagger from a taxonomy and its examples."""
