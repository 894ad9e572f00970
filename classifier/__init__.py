"""Which labels of a taxonomy a paper carries, and how surely."""
