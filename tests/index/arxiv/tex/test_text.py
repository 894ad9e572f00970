"""Decoding TeX to plain text: what becomes of each construct, and that it takes linear time."""

import time

import pytest

from index.arxiv.tex.text import decode_author_tex, tex_to_text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        (r"Erd\H{o}s and G\"odel", "Erdős and Gödel"),
        (r"\v{C}ech, Fran\c cois, na\"{\i}ve", "Čech, François, naïve"),
        (r"\O sten, \L{}ukasz, {\aa}s, \ss", "Østen, Łukasz, ås, ß"),
        (r"$\alpha$-stable and $O(\log n)$", "α-stable and O( log n)"),
        (r"5\% of R\&D", "5% of R&D"),
        (r"\ours{} beats \emph{all}", " beats all"),
        (r"Weierstra{\ss} and Stra\ss e", "Weierstraß and Straße"),
        (r"Nguy\~{\^e}n, T\'{\u{a}}, \'{\ae}, {\'{\i}}ndice", "Nguyễn, Tắ, ǽ, índice"),
        (r"\textcommabelow{S}tefan, Poincar\'{e} map", "Ștefan, Poincaré map"),
        (r"ex\-ample\ of{} \{braces\}", "example of {braces}"),
        ("no TeX: ~100 {braces}", "no TeX: ~100 braces"),
    ],
)
def test_tex_is_decoded(tex: str, text: str) -> None:
    assert tex_to_text(tex) == text


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (r"P. Erd\H{o}s, Bj\"orck", "P. Erdős, Björck"),
        (r"Fran\\c{c}ois", "François"),  # doubled backslashes
        ("{Group} 100% {Sure}", "Group 100% Sure"),
        ("the $D^0$ Collaboration", "the $D^0$ Collaboration"),
        ("J.-P.~Serre", "J.-P. Serre"),
        (r"A. One \& B. Two & C. \'{E}va", "A. One & B. Two & C. Éva"),
        ("{" * 5_000, ""),
        (r"\href", ""),  # a command without its arguments
        (r"A. One, B. Two\footnote", "A. One, B. Two"),
    ],
)
def test_author_lines_are_decoded(line: str, names: str) -> None:
    assert decode_author_tex(line) == names


@pytest.mark.parametrize("piece", [r"\'", "{", r"\a{", "$", r"\bf ", "\\", r"\H{o}"])
def test_decoding_takes_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    tex_to_text(text)
    assert time.process_time() - start < 1
