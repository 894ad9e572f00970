"""Health checks, Prometheus metrics and the request log."""
