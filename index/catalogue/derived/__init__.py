"""What is computed from stored papers, and can be computed again."""
