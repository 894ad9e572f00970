"""Tag papers with the labels of taxonomies: training, tagging, explanations, suggestions."""
