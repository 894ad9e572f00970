"""A digest as an Atom feed, for a file on a web server.

A feed has the papers of a period, such as a week: a reader keeps what it has seen, and the ids of
entries are the same in every feed. So a digest of a longer period repeats nothing in it.
"""

import socket
from collections.abc import Sequence
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from api.digests.wording import closing, reason_text, score_text
from api.formats.atom import Feed, atom
from api.records.works import works_in
from classifier.taxonomies.followed import Taxonomies
from index.catalogue.catalogue import Catalogue
from index.digests.digest import Digest
from index.lists.entries import FoundPaper


def digest_feed(
    catalogue: Catalogue, taxonomies: Taxonomies, digest: Digest, name: str, asked: Sequence[str]
) -> bytes:
    """Return a digest as a feed, its papers in the order of their groups.

    `asked` has what the digest is asked for, with whole paths. With the name of this machine it
    makes the id of the feed, which stays the same from one digest to the next: the libraries of
    others may have the same name.
    """
    papers = digest.papers
    numbers = catalogue.numbers_of([paper.id for paper in papers])
    works = works_in(catalogue, taxonomies, [numbers[paper.id] for paper in papers])
    feed = Feed(
        id=uuid5(NAMESPACE_URL, "\n".join((socket.gethostname(), *asked))).urn,
        title=f"New papers: {name}",
        subtitle=" ".join(closing(digest)),
        made=f"{digest.made:%Y-%m-%dT%H:%M:%SZ}",
    )
    return atom(
        feed,
        [
            replace(work, reason=_reason(paper, digest))
            for work, paper in zip(works, papers, strict=True)
        ],
    )


def _reason(paper: FoundPaper, digest: Digest) -> str:
    said = "; ".join(filter(None, (score_text(paper), reason_text(paper, digest))))
    return f"[{said}]" if said else ""
