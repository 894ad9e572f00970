"""Commands that a person or a timer runs."""
