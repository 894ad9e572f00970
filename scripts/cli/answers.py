"""Commands that query: `related`, `search`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from index.errors import BadInput
from index.settings import Settings
from scripts.cli.list_arguments import list_arguments, when_option
from scripts.cli.output import as_json_option, file_type, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.arrays import Floats
    from index.catalogue.catalogue import Catalogue
    from index.embedding.embedder import Embedder
    from index.embedding.identity import ModelIdentity
    from index.lists.entries import Listing
    from index.lists.options import ListOptions
    from index.lists.recommend import Recommendations
    from index.releases.release import Release


@contextmanager
def reading(settings: Settings) -> Iterator["tuple[Catalogue, Release]"]:
    """Open the catalogue and its release; warn if that is not the current one."""
    from index.catalogue.catalogue import read_catalogue
    from index.releases.current import CurrentRelease

    with read_catalogue(settings.data) as catalogue, catalogue.atomic():
        current = CurrentRelease(settings.data)
        release = current.get()
        if current.problem:
            click.echo(f"seealso: {current.problem}; using the previous release", err=True)
        yield catalogue, release


@contextmanager
def lazy_embedder(settings: Settings, release: "Release") -> "Iterator[Embedder]":
    """Yield an embedder that loads its model on first use."""
    embedder = _EmbedderOnFirstUse(settings, release.manifest.identity)
    try:
        yield embedder
    finally:
        embedder.close()


class _EmbedderOnFirstUse:
    """An embedder that loads its model on first use: a query may turn out to need none."""

    def __init__(self, settings: Settings, identity: "ModelIdentity") -> None:
        self.identity = identity
        self._settings = settings
        self._opened: Embedder | None = None

    def encode(self, texts: "Sequence[str]") -> "Floats":
        """Return unit vectors of the texts; raises ModelUnavailable."""
        from index.embedding.opening import open_text_embedder

        if self._opened is None:
            self._opened = open_text_embedder(self._settings, self.identity)
        return self._opened.encode(texts)

    def close(self) -> None:
        """Unload the model, if it was loaded."""
        if self._opened is not None:
            self._opened.close()


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--text", help="A paragraph to find papers for, instead of or in addition to papers.")
@click.option(
    "--bib",
    type=file_type,
    help="Liked papers from a file: BibTeX, RIS, CSL-JSON, Better BibTeX JSON.",
)
@click.option(
    "--not", "disliked", multiple=True, metavar="ID", help="A disliked paper; may be repeated."
)
@list_arguments
@when_option
@click.option(
    "--details", is_flag=True, help="Print authors, summary and abstract of ID after the list."
)
@as_json_option
@click.pass_obj
def related(
    settings: Settings,
    ids: tuple[str, ...],
    text: str | None,
    bib: Path | None,
    disliked: tuple[str, ...],
    options: "ListOptions",
    details: bool,
    as_json: bool,
) -> None:
    """List the papers related to ID.

    ID is an arXiv identifier in any form. If several papers are given by ID, --bib and
    --text, all of them count as liked, and the list is ranked by all of them.
    """
    from api.formats.plain_summaries import with_plain_summaries
    from api.formats.plain_text import listing_text, paper_text, recommendations_text
    from index.arxiv.identifier import canonical_id
    from index.lists.finder import RelatedFinder
    from index.lists.recommend import recommend
    from index.lists.reference_matching import match_references
    from index.lists.references import parse_references

    if not (ids or text is not None or bib):
        raise BadInput("nothing to search for: give an ID, --text TEXT or --bib FILE")
    references = parse_references(bib.name, bib.read_bytes()) if bib else []
    single_paper = len(ids) == 1 and text is None and not (bib or disliked)
    known = canonical_id(ids[0]) if single_paper else None
    with reading(settings) as (catalogue, release), lazy_embedder(settings, release) as embedder:
        finder = RelatedFinder(catalogue, release, lambda: embedder)
        found: Listing | Recommendations
        if known:
            found = finder.related(known, options, embedder)
            output = paper_text(catalogue.entry(known), found, details)
        elif text is not None and not (ids or bib or disliked):
            found = finder.related_to_text(embedder, text, options)
            output = listing_text(found)
        else:
            library = match_references(catalogue, references)
            found = recommend(finder, ids, disliked, text, options, embedder, library)
            output = recommendations_text(found)
    if as_json:
        print_json(with_plain_summaries(found))
    else:
        click.echo(output)


@click.command()
@click.argument("query")
@list_arguments
@click.option(
    "--facets",
    is_flag=True,
    help="Also count the years, categories and tags of the papers found.",
)
@as_json_option
@click.pass_obj
def search(
    settings: Settings, query: str, options: "ListOptions", facets: bool, as_json: bool
) -> None:
    """Search papers by words, a title, the name of an author, or operators.

    A phrase in double quotes must occur in the title or abstract. Operators restrict the papers:
    author:"Mengwei Xu", title:pruning, abs:, cat:cs.CL, tag:, since:2024-05, until:, year:2024,
    licence:, id:. A hyphen before a word or an operator excludes: -title:survey.
    """
    from api.formats.plain_summaries import with_plain_summaries
    from api.formats.plain_text import results_text
    from classifier.taxonomies.followed import followed_taxonomies
    from index.lists.finder import RelatedFinder
    from index.searching.search import PaperSearch

    with reading(settings) as (catalogue, release), lazy_embedder(settings, release) as embedder:
        finder = RelatedFinder(catalogue, release)
        found = PaperSearch(finder, lambda: followed_taxonomies(catalogue).tag_names()).search(
            embedder, query, options, with_facets=facets
        )
    if as_json:
        print_json(with_plain_summaries(found))
    else:
        click.echo(results_text(found))


COMMANDS = (related, search)
