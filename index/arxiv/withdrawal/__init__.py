"""Whether a paper is withdrawn: the decision, and what comment, title and abstract say."""
