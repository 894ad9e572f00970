"""The syntax of search queries: words, quoted phrases, operators such as author:, exclusions."""
