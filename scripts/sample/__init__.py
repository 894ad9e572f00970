"""Build the bundled sample."""
