"""TeX in titles, abstracts and names: tables of commands, tokens, decoding, folding for search."""
