"""TeX in titles, abstracts and author names: tables of commands, tokens, decoding to text."""
