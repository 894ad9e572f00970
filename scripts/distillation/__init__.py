"""Scripts that train a smaller encoder of papers on the vectors of a larger one (distillation)."""
