"""Answer over HTTP: JSON and pages."""
