"""How the bundled sample and the classifier's examples are made from arXiv's metadata."""
