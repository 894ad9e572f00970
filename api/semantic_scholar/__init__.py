"""An API compatible with Semantic Scholar's: its paths, parameters and records."""
