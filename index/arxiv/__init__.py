"""What arXiv means by a paper: identifiers, authors, categories, licences, dates."""
