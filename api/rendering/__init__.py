"""HTML and SVG rendering: text with TeX, formulas, graphs, charts."""
