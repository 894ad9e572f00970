"""Related papers, search results and recommendations: from a query to the entries shown."""
