"""Regular expressions for TeX in untrusted text. Each is bounded, so reading takes linear time."""

import re

from index.arxiv.tex.tables import ACCENT_NAME

MAX_FORMULA_LENGTH = 240  # characters; about one formula in 2,000 of the 90,000 hardest is longer
# Only with literal alternatives does `re` skip to the characters that begin one.
NEEDS_READING = re.compile(r"\\|\$|~|`|\{|--|''")
"""Matches a text that has a formula, a group, or a token of TEXT_TOKEN other than a web address."""

COMMAND = re.compile(r"\\(?:([A-Za-z]+)|.)", re.DOTALL)
"""A command; group 1 is its name if that consists of letters."""

DOLLAR_FORMULA = re.compile(r"(\$[^$]+\$)")
"""A formula between dollars; usable with `split`, which returns formulas at odd places."""

MATHS = (
    r"\$\$.*?\$\$|\$(?=\S)[^$]*(?<=\S)\$(?!\d)"
    r"|\\\([^\\]*+(?:\\[^()][^\\]*+)*+\\\)|\\\[[^\\]*+(?:\\[^][][^\\]*+)*+\\\]"
)
"""Any formula in running text. "from $5 to $10" is not one."""

TEXT_TOKEN = re.compile(
    rf"""(?P<accent> \\{ACCENT_NAME}\s*
                     (?: \{{\\?[A-Za-z]\s?\}} | \\[ij](?![A-Za-z])\s? | [A-Za-z] ) )
       | \\href\s*\{{(?P<address>[^{{}}]{{0,300}})\}}\s*(?=\{{)
       | (?:\\(?:url|href|path)\s*\{{(?=[^{{}}]{{0,300}}\}}))?(?P<url>https?://[^\s{{}}$\\]{{1,300}})
       | \\(?P<skipped>begin|end|textcolor|label|color|vspace|hspace)\*?\s*\{{[^{{}}]{{0,60}}\}}
       | \\(?P<command>[A-Za-z]+)(?P<blanks>\s*)
       | \\(?P<sign>.)
       | (?P<brace>[{{}}])
       | (?P<tie>(?<=[\w.,;:)\]}}$%])~+(?=\S))
       | (?P<dash>(?<!-)---(?!-)|(?<=[\w$%)}}\]])--(?=[\w$({{\\]))
       | (?P<quote>``|'')""",
    re.VERBOSE | re.DOTALL,
)
"""A piece of running text that TeX does not print as it is written.

Formulas are found before. `lastgroup` names its kind: accent, address (of a link), url, skipped (a
command without output), blanks (after a `command`), sign (after a backslash), brace, tie, dash or
quote.
"""
