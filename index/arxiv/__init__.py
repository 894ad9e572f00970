"""arXiv's data model: papers, identifiers, authors, categories, licences, calendar."""
