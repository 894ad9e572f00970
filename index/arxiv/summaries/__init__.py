"""Summaries: sentences of an abstract, what each says, and which are chosen."""
