"""ASGI middleware: limits, conditional requests, security headers, error responses."""
