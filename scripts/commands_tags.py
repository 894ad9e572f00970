"""Commands that tag and that measure: tags, evaluate."""

from pathlib import Path

import click

from index.errors import NotReady
from index.settings import Settings
from scripts.commands_ingest import writing
from scripts.output import as_json_option, file_type, print_json


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


@click.group()
def evaluate() -> None:
    """Measure the ranking or the tagger on judged papers."""


@evaluate.command()
@click.option("--papers", type=file_type, required=True, help="Papers in CSFCube's form, or .gz.")
@click.option("--judgements", type=file_type, required=True, help="Judgements, likewise.")
@as_json_option
@click.pass_obj
def related(settings: Settings, papers: Path, judgements: Path, as_json: bool) -> None:
    """Rank judged candidates by the ranking that serves related papers; figures in percent."""
    from contextlib import closing

    from index.embedding import open_embedder
    from index.ranking_evaluation import evaluate_ranking

    with closing(open_embedder(settings)) as embedder:
        found = evaluate_ranking(embedder, papers, judgements)
    if as_json:
        print_json(found)
    else:
        click.echo(
            f"{found.queries} queries: nDCG at 20 % {found.ndcg_at_20_percent:.2f}, "
            f"MAP {found.map:.2f}"
        )


@evaluate.command(name="tags")
@click.argument("path", metavar="FILE", type=file_type)
@as_json_option
@click.pass_obj
def tags_command(settings: Settings, path: Path, as_json: bool) -> None:
    """Tag judged papers by title and abstract, and compare."""
    from contextlib import closing
    from dataclasses import asdict

    from classifier.evaluation import evaluate_tags
    from classifier.tagger import load_tagger
    from classifier.taxonomy import load_taxonomy
    from index.embedding import open_embedder

    taxonomy = load_taxonomy()
    tagger = load_tagger(settings.data, taxonomy.name)
    if tagger is None:
        raise NotReady("no tagger yet: run `seealso update` or `seealso tags train`")
    with closing(open_embedder(settings)) as embedder:
        if embedder.identity != tagger.identity:
            raise NotReady("the tagger is for another model's vectors: run `seealso update`")
        figures = evaluate_tags(embedder, taxonomy, tagger, path)
    found = {rows: asdict(of) for rows, of in figures.items()}
    if as_json:
        print_json(found)
        return
    for name in found["all"]:
        click.echo(f"{name:<28} sure {found['sure'][name]:>8}   all {found['all'][name]:>8}")


COMMANDS = (tags, evaluate)
