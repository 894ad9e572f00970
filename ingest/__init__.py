"""Bring papers in: one source a file, and the steps from pending to released."""
