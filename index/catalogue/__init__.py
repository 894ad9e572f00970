"""The catalogue, one SQLite file: schema, papers, vectors, tags, runs, harvests."""
