"""Measure taggers: figures on judged papers, model cards, diagrams and comparisons."""
