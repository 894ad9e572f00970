"""The words of a whole corpus, with bounded memory: counting, joining, and champion lists."""
