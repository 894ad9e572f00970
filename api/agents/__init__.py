"""The MCP server: tools with which agents query papers, lists and tags."""
