"""Commands that tag: train, apply, show, correct."""

import click

from index.errors import BadInput, NotReady
from index.settings import Settings
from scripts.commands_ingest import writing
from scripts.output import as_json_option, print_json


@click.group()
def tags() -> None:
    """Train the tagger, apply it, show a paper's tags, correct them."""


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
    """Show the tags of a paper: how sure each is, and why."""
    from classifier.tag_reasons import explained_tags
    from classifier.tagger import trained_tagger
    from classifier.taxonomy import load_taxonomy
    from index.catalogue import read_catalogue
    from index.identifier import canonical_id

    taxonomy = load_taxonomy()
    with read_catalogue(settings.data) as catalogue:
        entry = catalogue.entry(canonical_id(paper_id))
        tagger = trained_tagger(settings.data, taxonomy.name)
        found = explained_tags(catalogue, taxonomy, tagger, entry)
        corrections = catalogue.corrections.of(taxonomy.name, entry.number)
    if as_json:
        print_json({"id": entry.paper.id, "tags": found, "corrections": corrections})
        return
    for tag in found:
        click.echo(f"{tag.probability:.2f}  {tag.title}  [{tag.label}]")
        if tag.terms:
            click.echo(f"      terms: {', '.join(tag.terms)}")
        for near in tag.nearest:
            click.echo(f"      like {near.title} (arXiv:{near.id}, {near.cosine:.2f})")
    if not found:
        click.echo(f"arXiv:{entry.paper.id} stands on no shelf of {taxonomy.name}")
    for correction in corrections:
        said = ", ".join(correction.labels) or "no shelf"
        click.echo(f"{correction.at}  {correction.by} said: {said}")


@tags.command()
@click.argument("paper_id", metavar="ID")
@click.option("--label", "labels", multiple=True, help="A label that it carries; may be repeated.")
@click.option("--none", is_flag=True, help="It stands on no shelf.")
@click.option("--by", required=True, help="Who says so.")
@click.pass_obj
def correct(
    settings: Settings, paper_id: str, labels: tuple[str, ...], none: bool, by: str
) -> None:
    """Say what the tags of a paper are, whatever the tagger thinks."""
    from classifier.correcting import correct_tags
    from classifier.taxonomy import load_taxonomy
    from index.catalogue import open_catalogue
    from index.identifier import canonical_id

    if bool(labels) == none:
        raise BadInput("give --label, once or more, or --none")
    taxonomy = load_taxonomy()
    with open_catalogue(settings.data) as catalogue:
        entry = catalogue.entry(canonical_id(paper_id))
        correct_tags(catalogue, taxonomy, entry, labels, by)
    said = ", ".join(taxonomy.label(label).title for label in labels) or "no shelf"
    click.echo(f"arXiv:{entry.paper.id}: {said}")


COMMANDS = (tags,)
