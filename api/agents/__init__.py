"""The MCP server: tools that let agents query the same lists."""
