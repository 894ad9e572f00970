"""Make the digest that a command asks for, deliver it, and remember what it covered."""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click

from api.digests.feed import digest_feed
from api.digests.mail import Envelope, digest_mail
from api.digests.page import digest_page
from api.digests.text import digest_text
from api.digests.wording import closing, since_text
from api.formats.plain_summaries import with_plain_summaries
from classifier.taxonomies.followed import Taxonomies, followed_taxonomies
from index.catalogue.arrivals.new_papers import Period
from index.catalogue.catalogue import Catalogue
from index.digests.digest import Digest, build_digest, find_new_papers
from index.digests.groups import GroupFinder, Library, Sources
from index.digests.memory import Memory, locked_memory, read_memory, write_memory
from index.digests.since import parse_since
from index.errors import BadInput, Unavailable
from index.lists.filters import Filters
from index.lists.finder import RelatedFinder
from index.lists.options import ListOptions, WeakMatches
from index.lists.references import parse_references
from index.searching.search import PaperSearch
from index.settings import Settings
from scripts.cli.answers import lazy_embedder, reading
from scripts.cli.digests.delivery import deliver
from scripts.cli.output import to_json


@dataclass(frozen=True, slots=True)
class DigestRequest:
    """The arguments of the command; raises BadInput if some do not fit together."""

    ids: tuple[str, ...]
    bib: tuple[Path, ...]
    query: tuple[str, ...]
    disliked: tuple[str, ...]
    since: str
    state: Path | None
    limit: int
    min_score: float
    weak: WeakMatches
    form: str
    to: tuple[str, ...]
    sender: str | None
    send: str | None
    empty: bool
    output: Path | None
    filters: Filters

    def __post_init__(self) -> None:
        if not (self.ids or self.bib or self.query or self.filters):
            raise BadInput(
                "nothing to look for: give --bib FILE, an ID, --query TEXT, or a filter such as "
                "--category cs.CL"
            )
        if self.disliked and not (self.ids or self.bib):
            raise BadInput("--not counts against liked papers: give --bib FILE or an ID too")
        for option, value in (
            ("--to", self.to),
            ("--from", self.sender),
            ("--send", self.send),
            ("--empty", self.empty),
        ):
            if value and self.form != "mail":
                raise BadInput(f"{option} is for --format mail, not {self.form}: leave one out")
        if self.send is not None and self.output is not None:
            raise BadInput("--send and --output: a digest goes to one of them; leave one out")
        if self.output is not None and not self.output.parent.is_dir():
            raise BadInput(f"--output: the folder {self.output.parent} does not exist: create it")
        if self.state is not None and self.form == "atom":
            raise BadInput(
                "--state is not for --format atom: a feed reader remembers what it has seen, and "
                "misses papers that leave the feed; list a period, such as --since 7d"
            )

    @property
    def options(self) -> ListOptions:
        """The options of each group."""
        return ListOptions(
            self.limit, filters=self.filters, min_score=self.min_score, weak=self.weak
        )

    def sources(self) -> Sources:
        """Read the libraries; raises BadInput and OSError for one that cannot be read."""
        libraries = (
            Library(one.name, parse_references(one.name, one.read_bytes())) for one in self.bib
        )
        return Sources(self.ids, self.disliked, tuple(libraries), self.query)

    @property
    def names(self) -> list[str]:
        """What the papers are near to, in short: names of libraries, ids, queries."""
        found = [*(one.name for one in self.bib), *self.ids, *self.query]
        filters = self.filters
        found += [*filters.categories, *sorted(label for _, label in filters.tags)]
        return [*found, *filters.authors, *filters.including]


def deliver_digest(settings: Settings, request: DigestRequest) -> None:
    """Make and deliver a digest, then write what to remember.

    Raises Unavailable if no paper is new because an announcement of arXiv is missing, and else as
    `GroupFinder.groups`, `deliver` and `read_memory` do.
    """
    with locked_memory(request.state) if request.state else nullcontext():
        _deliver_digest(settings, request)


def _deliver_digest(settings: Settings, request: DigestRequest) -> None:
    now = datetime.now(UTC)
    first = Period(parse_since(request.since, now))
    memory = read_memory(request.state, first) if request.state else Memory(first)
    envelope = Envelope.parse(request.to, request.sender) if request.form == "mail" else None
    sources = request.sources()
    with reading(settings) as (catalogue, release), lazy_embedder(settings, release) as embedder:
        taxonomies = followed_taxonomies(catalogue)
        finder = RelatedFinder(catalogue, release)
        search = PaperSearch(finder, taxonomies.tag_names)
        new = find_new_papers(finder, memory.period, memory.sent)
        groups = GroupFinder(finder, search, embedder, request.options)
        digest = build_digest(finder, groups, sources, new, now)
        is_due = digest.papers or envelope is None or request.empty
        content = _content(digest, request, envelope, catalogue, taxonomies) if is_due else None
    if content is not None:
        deliver(content, request.output, request.send)
    else:
        _report_nothing(digest, has_state=request.state is not None)
    if request.state:
        listed = [paper.id for paper in digest.papers]
        write_memory(request.state, memory.after_digest(new.arrived, new.waiting, listed))


def _content(
    digest: Digest,
    request: DigestRequest,
    envelope: Envelope | None,
    catalogue: Catalogue,
    taxonomies: Taxonomies,
) -> bytes:
    """Return the digest in the format of the request."""
    names = request.names
    if envelope is not None:
        return digest_mail(digest, envelope, names[0] if names else "papers")
    match request.form:
        case "text":
            return digest_text(digest).encode()
        case "html":
            return digest_page(digest).encode()
        case "atom":
            asked = [*(str(one.resolve()) for one in request.bib), *names]
            return digest_feed(catalogue, taxonomies, digest, ", ".join(names), asked)
    plain = replace(digest, groups=[with_plain_summaries(group) for group in digest.groups])
    return f"{to_json(plain)}\n".encode()


def _report_nothing(digest: Digest, *, has_state: bool) -> None:
    """Report on standard error that there is no mail; raises Unavailable if papers are missing."""
    said = " ".join(closing(digest))
    if digest.meta.stale:
        raise Unavailable(
            f"no paper is new since {since_text(digest.since)}, and arXiv's announcements since "
            f"then are not complete: run `seealso nightly`. {said}"
        )
    earlier = " An earlier --since may list some of them." * (digest.others > 0 and not has_state)
    click.echo(
        f"no paper is new since {since_text(digest.since)}, so there is no mail (--empty writes "
        f"one). {said}{earlier}",
        err=True,
    )
