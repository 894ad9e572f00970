"""What is known and what is near what: papers, vectors, words, releases, related lists."""
