"""The search structures of a release (vectors, words, attributes), and the ranking formula."""
