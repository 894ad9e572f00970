"""REST routes and feeds."""
