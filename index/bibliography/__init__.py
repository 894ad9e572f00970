"""Read libraries of references: bytes, BibTeX, and the identifiers of an entry."""
