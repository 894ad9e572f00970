"""The `tags` commands: train, apply, drop, list, show, correct, card, suggest, export."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

import click

from index.errors import BadInput, NotReady, UnknownTagger
from index.settings import Settings
from scripts.cli.ingest import writing
from scripts.cli.output import FullHelpGroup, as_json_option, day_type, print_json

if TYPE_CHECKING:
    from classifier.taxonomies.taxonomy import Taxonomy
    from index.catalogue.catalogue import Catalogue

_taxonomy_option = click.option(
    "--taxonomy",
    metavar="NAME",
    help="Name of a taxonomy in use.  [default: efficient-foundation-models]",
)


def _selected(catalogue: "Catalogue", taxonomy: str | None) -> "Taxonomy":
    """Return the taxonomy of this name in use, by default the bundled one."""
    from classifier.taxonomies.followed import followed_taxonomies
    from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY

    return followed_taxonomies(catalogue).get(taxonomy or DEFAULT_TAXONOMY)


@click.group(cls=FullHelpGroup)
def tags() -> None:
    """Train and apply taggers, show and correct tags, manage taxonomies."""


@tags.command()
@click.option(
    "--taxonomy",
    metavar="FILE",
    help="Add this taxonomy, a TOML file or the name of a bundled one, and train only its tagger.",
)
@click.pass_obj
def train(settings: Settings, taxonomy: str | None) -> None:
    """Train the tagger of each taxonomy, if its training data have changed."""
    from classifier.taxonomies import followed
    from classifier.training.trainer import TaggerTrainer

    with writing(settings) as (catalogue, _):
        trainer = TaggerTrainer.from_settings(catalogue, settings)
        wanted = (
            [followed.load_or_read(taxonomy)]
            if taxonomy
            else list(followed.followed_taxonomies(catalogue))
        )
        for one in wanted:
            followed.check_references(catalogue, one)
            tagger = trainer.current_tagger(one, settings.data)
            if isinstance(tagger, str):
                raise NotReady(tagger)
            followed.follow(catalogue, one)
            click.echo(f"{one.name}: tagger {tagger.version}, {len(tagger.leaves)} leaves")
    if taxonomy:
        click.echo("run `seealso tags apply` or `seealso update` to tag the papers", err=True)


@tags.command()
@click.pass_obj
def apply(settings: Settings) -> None:
    """Tag the papers that the current taggers have not tagged yet."""
    from classifier.taxonomies.followed import followed_taxonomies
    from classifier.training.trainer import TaggerTrainer
    from ingest.update import tag_pending

    with writing(settings) as (catalogue, progress):
        trainer = TaggerTrainer.from_settings(catalogue, settings)
        taxonomies = followed_taxonomies(catalogue)
        tagged, untagged = tag_pending(catalogue, settings.data, trainer, taxonomies, progress)
    if untagged:
        raise NotReady(untagged)
    click.echo(f"{tagged} tagged")


@tags.command()
@click.argument("taxonomy", metavar="NAME")
@click.pass_obj
def drop(settings: Settings, taxonomy: str) -> None:
    """Remove a taxonomy with its tags and tagger. Corrections are kept."""
    from classifier.stored_taggers import remove_taggers
    from classifier.taxonomies.taxonomy import DEFAULT_TAXONOMY

    with writing(settings) as (catalogue, _):
        name = _selected(catalogue, taxonomy).name
        if name == DEFAULT_TAXONOMY:
            raise BadInput(f"the taxonomy {name} is built in and cannot be removed")
        catalogue.tags.drop(name)
        remove_taggers(settings.data, name)
    click.echo(f"removed the taxonomy {name}")


@tags.command(name="list")
@_taxonomy_option
@as_json_option
@click.pass_obj
def list_command(settings: Settings, taxonomy: str | None, as_json: bool) -> None:
    """List the labels of a taxonomy as a tree, with the papers of each and of those below it."""
    from classifier.label_counts import counted_labels, tree_lines
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        selected = _selected(catalogue, taxonomy)
        nodes = counted_labels(catalogue, selected)
    if as_json:
        print_json({"taxonomy": selected.name, "tags": nodes})
    else:
        click.echo("\n".join([f"{selected.name}: {selected.title}", *tree_lines(nodes)]))


@tags.command()
@click.argument("paper_id", metavar="ID")
@as_json_option
@click.pass_obj
def show(settings: Settings, paper_id: str, as_json: bool) -> None:
    """Show a paper's tags with probability and reasons, or why it has none."""
    from dataclasses import asdict

    from api.rendering.prose import to_plain_text
    from classifier.tag_reasons import explained_tags
    from classifier.taxonomies.followed import followed_taxonomies
    from index.arxiv.identifier import canonical_id
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        taxonomies = followed_taxonomies(catalogue)
        entry = catalogue.entry(canonical_id(paper_id))
        given = catalogue.tags.of([entry.number])[entry.number]
        found = explained_tags(catalogue, settings.data, taxonomies, entry, given)
    if as_json:
        print_json({"id": entry.paper.id, **asdict(found)})
        return
    for tag in found.tags:
        click.echo(f"{tag.probability:.2f}  {tag.title}  [{tag.label}]")
        if tag.terms:
            click.echo(f"      terms: {', '.join(tag.terms)}")
        for near in tag.nearest:
            click.echo(
                f"      like {to_plain_text(near.title)} (arXiv:{near.id}, {near.cosine:.2f})"
            )
    for judged in found.judgements:
        if judged.about_whole and not judged.abstained:
            click.echo(f"arXiv:{entry.paper.id} is about the whole taxonomy {judged.taxonomy}")
        if judged.abstained:
            untagged = f"arXiv:{entry.paper.id} has no tag in {judged.taxonomy}"
            click.echo(f"{untagged}: {judged.abstained}")
    for correction in found.corrections:
        labels = ", ".join(correction.labels) or "no label"
        click.echo(f"{correction.at}  corrected by {correction.by}: {labels}")


@tags.command()
@click.argument("paper_id", metavar="ID")
@click.option("--label", "labels", multiple=True, help="A label of the paper; may be repeated.")
@click.option("--none", is_flag=True, help="No label applies to the paper.")
@click.option("--by", required=True, help="Your name.")
@_taxonomy_option
@click.pass_obj
def correct(
    settings: Settings,
    paper_id: str,
    labels: tuple[str, ...],
    none: bool,
    by: str,
    taxonomy: str | None,
) -> None:
    """Correct the tags of a paper. It overrides the tagger, which learns from it."""
    from classifier.corrections import correct_tags
    from index.arxiv.identifier import canonical_id
    from index.catalogue.catalogue import open_catalogue

    if bool(labels) == none:
        raise BadInput("give either --label (once or more) or --none")
    with open_catalogue(settings.data) as catalogue:
        selected = _selected(catalogue, taxonomy)
        entry = catalogue.entry(canonical_id(paper_id))
        correct_tags(catalogue, selected, entry, labels, by)
    titles = ", ".join(selected.label(label).title for label in labels) or "no label"
    click.echo(f"arXiv:{entry.paper.id}: {titles}")


@tags.command()
@click.argument("version", required=False)
@_taxonomy_option
@click.pass_obj
def card(settings: Settings, version: str | None, taxonomy: str | None) -> None:
    """Print the model card of a tagger.

    VERSION is the version of a tagger, as stored with its tags. Default: the current tagger.
    """
    from classifier.stored_taggers import trained_tagger
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        selected = _selected(catalogue, taxonomy)
        wanted = version or trained_tagger(settings.data, selected.name).version
        found = catalogue.taggings.card(wanted)
    if found is None:
        raise UnknownTagger(
            f"no tagger with version {wanted!r} has been trained in this data folder"
        )
    click.echo(found, nl=False)


@tags.command()
@_taxonomy_option
@click.option(
    "--since",
    type=day_type,
    help="Only papers submitted on or after this date.  [default: a year before the newest paper]",
)
@click.option("--limit", default=10, show_default=True, help="Maximum number of groups.")
@as_json_option
@click.pass_obj
def suggest(
    settings: Settings, taxonomy: str | None, since: datetime | None, limit: int, as_json: bool
) -> None:
    """Suggest new labels: groups of recent papers that no leaf of the taxonomy covers well."""
    from api.rendering.prose import to_plain_text
    from classifier.stored_taggers import trained_tagger
    from classifier.suggestions import suggested_labels
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        selected = _selected(catalogue, taxonomy)
        tagger = trained_tagger(settings.data, selected.name)
        day = since.date() if since else None
        found = suggested_labels(catalogue, settings.data, selected, tagger, day)[:limit]
    if as_json:
        print_json({"taxonomy": selected.name, "suggestions": found})
        return
    for group in found:
        near = selected.label(group.nearest).title
        click.echo(f"{', '.join(group.terms)}: {group.papers} papers, nearest leaf {near}")
        for paper in group.examples:
            click.echo(f"      {to_plain_text(paper.title)} (arXiv:{paper.id})")
    if not found:
        click.echo(f"no group of papers lies outside the leaves of {selected.name}")


@tags.group()
def export() -> None:
    """Export a taxonomy or tags for other programs."""


@export.command()
@_taxonomy_option
@click.pass_obj
def skos(settings: Settings, taxonomy: str | None) -> None:
    """Write a taxonomy as SKOS (Turtle), readable by Annif's load-vocab and others."""
    from classifier.taxonomies.skos import as_skos
    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        selected = _selected(catalogue, taxonomy)
    click.echo(as_skos(selected), nl=False)


@export.command()
@click.option("--taxonomy", metavar="NAME", help="Only tags of this taxonomy.  [default: all]")
@click.option(
    "--since",
    type=day_type,
    help="Only tags given on or after this date.  [default: start of the last run]",
)
@click.pass_obj
def labels(settings: Settings, taxonomy: str | None, since: datetime | None) -> None:
    """Write the tags given by the last run, or since a date, as JSON Lines.

    If the tagger abstained for a paper, its list of tags is empty.
    """
    from dataclasses import asdict

    from index.catalogue.catalogue import read_catalogue

    with read_catalogue(settings.data) as catalogue:
        wanted = _selected(catalogue, taxonomy).name if taxonomy else None
        moment = f"{since:%Y-%m-%d}" if since else catalogue.runs.last_tagging()
        if moment is None:
            raise NotReady(
                "no run has tagged papers yet: run `seealso update`, or give --since DATE"
            )
        for given in catalogue.tags.tagged_since(moment):
            if wanted in (None, given.taxonomy):
                click.echo(json.dumps(asdict(given), ensure_ascii=False))


COMMANDS = (tags,)
