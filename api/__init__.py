"""REST API, HTML pages, feeds, exports and the MCP server."""
