"""Papers with malicious text, for everything that outputs titles, authors and other metadata."""

from dataclasses import replace

from tests.support.two_papers import PAPER

HOSTILE_TITLES = {
    "2402.00661": '<script>alert("title")</script><img src=x onerror=alert(1)> & pruning',
    "2402.00662": "]]> --> <!-- <![CDATA[ &amp; &lt;b&gt; <?xml version='1.0'?> <!DOCTYPE a>",
    "2402.00663": "bidi \u202erev\u2066 \u200f and \x00 \x08 \x1b[31m \x7f \x9f \ufffe \uffff end",
    "2402.00664": "lines\r\nER  - \r\nTY  - JOUR\nTI  - another\u2028}\n@misc{evil, title={other}}",
    "2402.00665": r"\input{/etc/passwd} $\input{/etc/passwd}$ $^^5cinput x$ } { \ 50% #1 ~ _",
    "2402.00666": "long " * 20_000,
}
HOSTILE = [
    replace(
        PAPER,
        id=paper_id,
        title=title,
        abstract=title,
        authors=(title[:500], "\x00", "javascript:alert(1) and \nothers"),
        categories=('cs.<i>LG"', "cs.CL"),
        license="javascript:alert(1)",
        doi="javascript:alert(1)",
        journal_ref="</a><script>\x01",
    )
    for paper_id, title in HOSTILE_TITLES.items()
]
