"""Command line, benchmarks, capacity planning, trials, and how the sample is made."""
