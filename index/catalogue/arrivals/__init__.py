"""Which papers of the catalogue are new since a time."""
