"""Request parameters: list options, paging, fields, request bodies."""
