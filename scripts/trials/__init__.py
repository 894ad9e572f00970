"""Long-running trials: soak, kill and fuzz tests."""
