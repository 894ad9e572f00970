"""Scripts that learn the ranking from reading lists, and measure where matches become weak."""
