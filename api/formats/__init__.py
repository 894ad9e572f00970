"""Response formats: content negotiation, citations, Atom, plain text, link headers."""
