"""The steps by which the schema of the catalogue grew; `schema.py` applies them in order."""
