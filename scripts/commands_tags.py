"""Commands that tag: train, apply, show."""

import click

from index.errors import NotReady
from index.settings import Settings
from scripts.commands_ingest import writing
from scripts.output import as_json_option, print_json


@click.group()
def tags() -> None:
    """Train the tagger, apply it, show a paper's tags."""


@tags.command()
@click.pass_obj
def train(settings: Settings) -> None:
    """Train the tagger from the taxonomy's examples in the catalogue, unless that was done."""
    from classifier.taxonomy import load_taxonomy
    from classifier.training import tagger_in_force
    from index.embedding import identity_in_force

    with writing(settings) as (catalogue, _):
        identity = identity_in_force(settings)
        tagger = tagger_in_force(catalogue, load_taxonomy(), identity, settings)
    if isinstance(tagger, str):
        raise NotReady(tagger)
    click.echo(f"{tagger.taxonomy}: tagger {tagger.version}, {len(tagger.leaves)} leaves")


@tags.command()
@click.pass_obj
def apply(settings: Settings) -> None:
    """Tag the papers that the trained tagger has not seen."""
    from index.embedding import identity_in_force
    from ingest.update import tag_pending

    with writing(settings) as (catalogue, progress):
        identity = identity_in_force(settings)
        tagged, untagged = tag_pending(catalogue, settings, identity, progress)
    if untagged:
        raise NotReady(untagged)
    click.echo(f"{tagged} tagged")


@tags.command()
@click.argument("paper_id", metavar="ID")
@as_json_option
@click.pass_obj
def show(settings: Settings, paper_id: str, as_json: bool) -> None:
    """Show the tags of a paper, with their probabilities."""
    from classifier.taxonomy import load_taxonomy
    from index.catalogue import read_catalogue
    from index.identifier import canonical_id
    from index.stored_tags import Tag

    with read_catalogue(settings.data) as catalogue:
        entry = catalogue.entry(canonical_id(paper_id))
        found: list[Tag] = catalogue.tags.of([entry.number])[entry.number]
    if as_json:
        print_json({"id": entry.paper.id, "tags": [print_form(tag) for tag in found]})
        return
    taxonomy = load_taxonomy()
    for tag in found:
        click.echo(f"{tag.probability:.2f}  {taxonomy.label(tag.label).title}")
    if not found:
        click.echo(f"arXiv:{entry.paper.id} stands on no shelf of {taxonomy.name}")


def print_form(tag: object) -> dict[str, object]:
    """A tag as it stands in JSON."""
    from dataclasses import asdict

    return asdict(tag)  # type: ignore[call-overload,no-any-return]


COMMANDS = (tags,)
