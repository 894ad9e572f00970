"""The command `digest`: what it reads, and where it delivers."""
