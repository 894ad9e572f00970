"""Papers, catalogue, embeddings, search, ranking, releases and freshness."""
