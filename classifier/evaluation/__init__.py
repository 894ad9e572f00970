"""Measure taggers: cross-validation, figures, model cards, comparisons."""
